import { canonicalBadge, isDegenerate } from '../canonical.ts'

interface Chip {
  /**
   * The air interface, which every reader can tell; the product of the chip is known to some only,
   * and two readers must agree on who a card is.
   */
  readonly technology: string
  /** Lengths in bytes of identifiers that such chips answer with. */
  readonly lengths: readonly number[]
  /** Lengths that only a random identifier has. */
  readonly random?: readonly number[]
  /** The most significant byte that marks an end, whatever the reader calls first. */
  readonly marker?: number
  readonly never?: 'pupi' | 'anticollision'
}

const chips = {
  'MIFARE-CLASSIC': { technology: 'ISO14443A', lengths: [4, 7] },
  ULTRALIGHT: { technology: 'ISO14443A', lengths: [7] },
  DESFIRE: { technology: 'ISO14443A', lengths: [4, 7], random: [4] },
  /** A card of which the reader says no more. */
  ISO14443A: { technology: 'ISO14443A', lengths: [4, 7, 10] },
  ISO14443B: { technology: 'ISO14443B', lengths: [4], never: 'pupi' },
  ICLASS: { technology: 'ICLASS', lengths: [8], marker: 0xe0 },
  ISO15693: { technology: 'ISO15693', lengths: [8], marker: 0xe0 },
  FELICA: { technology: 'FELICA', lengths: [8] },
  SEOS: { technology: 'ISO14443A', lengths: [4, 7, 8, 10], never: 'anticollision' },
} as const satisfies Record<string, Chip>

export type ChipName = keyof typeof chips
export const chipNames = Object.keys(chips) as readonly ChipName[]

/**
 * Why an identifier must not become a badge: it is `random` (ISO/IEC 14443-3: four bytes of which
 * the first is 08; DESFire EV1 gives 80, and four bytes from any DESFire are random), a `pupi` that
 * may be random at any value, or the `anticollision` number of a Seos card.
 */
export type Refusal = 'random' | 'pupi' | 'anticollision'

export type ChipIdentity =
  | { readonly ok: true; readonly badge: string; readonly refusedAtEnrolment: Refusal | null }
  /** `length`: no such chip answers so. `incomplete`: it begins with the cascade tag, half a number. */
  | { readonly ok: false; readonly reason: 'length' | 'incomplete' | 'degenerate' }

export interface ChipReading {
  readonly chip: ChipName
  readonly bytes: Uint8Array
  /** Which end of the identifier the reader prints first; a property of the reader's profile. */
  readonly order: 'first-byte-first' | 'last-byte-first'
}

/**
 * The badge of a chip's identifier (UID, CSN, IDm), the first byte first, where E0 marks an end that
 * end first. What is not refused is not proven constant: enrolment asks for two taps that agree.
 */
export function identifyChip({ chip, bytes, order }: ChipReading): ChipIdentity {
  const { technology, lengths, random = [], marker, never }: Chip = chips[chip]
  if (!lengths.includes(bytes.length)) return { ok: false, reason: 'length' }
  const uid = normalise(bytes, order, marker)
  const word = { bits: uid.length * 8, value: BigInt(`0x${hex(uid)}`) }
  if (isDegenerate(word)) return { ok: false, reason: 'degenerate' }
  const iso14443a = technology === 'ISO14443A'
  if (iso14443a && uid.length === 4 && uid[0] === 0x88) return { ok: false, reason: 'incomplete' }
  const isRandom =
    random.includes(uid.length) ||
    (iso14443a &&
      uid.length === 4 &&
      (uid[0] === 0x08 || (uid[0] === 0x80 && chip === 'ISO14443A')))
  return {
    ok: true,
    badge: canonicalBadge({ technology, format: 'RAW', ...word }),
    refusedAtEnrolment: never ?? (isRandom ? 'random' : null),
  }
}

function normalise(bytes: Uint8Array, order: ChipReading['order'], marker: number | undefined) {
  const [first, last] = [bytes[0] === marker, bytes.at(-1) === marker]
  const reverse = first === last ? order === 'last-byte-first' : last
  return reverse ? bytes.toReversed() : bytes
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
