import { parseCanonicalBadge, strippedTechnology, unreadTechnology } from '../../badge/canonical.ts'
import type { EnrolmentRefusal } from '../../badge/enrolment-refusal.ts'

/** `unreadable`: not the identity of any badge; bits that are all equal are none either. */
export type Unfitness = EnrolmentRefusal | 'unreadable' | 'incomplete'

/**
 * Why an identity must not become somebody's badge, or null. The reader knows more of a card than its
 * identity says (`told`), but what the identity says is decided here, whatever the reader claims:
 * ISO/IEC 14443-3 has 08 before a random UID and 88 before half of one, DESFire EV1 gives 80, and a
 * PUPI (type B, four bytes) may be random at any value.
 */
export function unfitness(badge: string, told: EnrolmentRefusal | null): Unfitness | null {
  const parsed = parseCanonicalBadge(badge)
  if (!parsed) return 'unreadable'
  if (told !== null) return told
  if (parsed.technology === strippedTechnology || parsed.technology === unreadTechnology)
    return 'incomplete'
  if (parsed.format !== 'RAW' || parsed.bits !== 32) return null
  if (parsed.technology === 'ISO14443B') return 'pupi'
  if (parsed.technology !== 'ISO14443A') return null
  switch (parsed.value >> 24n) {
    case 0x08n:
    case 0x80n:
      return 'random'
    case 0x88n:
      return 'incomplete'
    default:
      return null
  }
}

/** `WIEGAND H10301`: what may be kept and shown of an identity; empty where it is none. */
export function technologyOf(badge: string): string {
  const parsed = parseCanonicalBadge(badge)
  return parsed ? `${parsed.technology} ${parsed.format}` : ''
}
