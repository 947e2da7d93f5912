import {
  entryHash,
  type JournalEntry,
  journalEntrySchema,
  journalEvents,
  type JournalFault,
  maxEntryBytes,
} from '../protocol/index.ts'

/** An entry as it came, with what it is known by. */
export interface ReadEntry {
  readonly hash: string
  readonly entry: JournalEntry
}

/**
 * Reads one entry of a journal; null for what no workstation of ours writes. That includes records of
 * events that cannot happen at a workstation: its word about those is not asked for.
 */
export function readEntry(text: string): ReadEntry | null {
  if (Buffer.byteLength(text) > maxEntryBytes) return null
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = journalEntrySchema.safeParse(content)
  if (!parsed.success) return null
  if (!parsed.data.records.every(({ event }) => journalEvents.has(event))) return null
  return { hash: entryHash(text), entry: parsed.data }
}

/** How far a journal is here. */
export interface Progress {
  readonly journalId: string
  readonly entries: number
  readonly head: string
}

/** What to do with the next entry; `known` is the hash of the one that is here at its place. */
export function placeOf(
  read: ReadEntry | null,
  { journalId, entries, head }: Progress,
  known: string | undefined,
): 'apply' | 'skip' | JournalFault {
  if (read === null) return 'malformed'
  const { hash, entry } = read
  if (entry.journal !== journalId) return 'foreign'
  if (entry.index < entries) return known === hash ? 'skip' : 'forked'
  if (entry.index > entries || entry.previous !== head) return 'broken-chain'
  return 'apply'
}
