import { maxEntryBytes } from '../authority/protocol/index.ts'
import type { EntryContent } from './journal.ts'

/** Names of journal and bundle, place, hash and punctuation, in bytes. */
const frame = 512
const room = maxEntryBytes - frame

type Lists = Omit<EntryContent, 'bundle' | 'at' | 'more'>
const order = [
  'proofs',
  'passkeys',
  'sessions',
  'overrides',
  'review_cases',
  'records',
] as const satisfies readonly (keyof Lists)[]

const none: Lists = {
  proofs: [],
  passkeys: [],
  sessions: [],
  overrides: [],
  review_cases: [],
  records: [],
}

/**
 * One change as entries that are small enough to be sent: what proves it first, and what it proves
 * with it. All but the last say that more follows.
 */
export function splitChange(
  { bundle, at }: Pick<EntryContent, 'bundle' | 'at'>,
  change: Lists,
): EntryContent[] {
  const parts: Lists[] = []
  let part: Lists = none
  let size = 0
  for (const list of order)
    for (const item of change[list]) {
      const bytes = Buffer.byteLength(JSON.stringify(item)) + 1
      if (bytes > room)
        throw new Error(`A row of ${list} has ${bytes} bytes, more than the ${room} of an entry.`)
      if (size > 0 && size + bytes > room) {
        parts.push(part)
        part = none
        size = 0
      }
      part = { ...part, [list]: [...part[list], item] }
      size += bytes
    }
  parts.push(part)
  return parts.map((one, index) => ({
    bundle,
    at,
    more: index < parts.length - 1,
    ...one,
  }))
}
