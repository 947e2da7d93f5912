import { entryHash, firstHash, type JournalFault } from '../authority/protocol/index.ts'
import { headFits, type JournalHead } from './journal-head.ts'
import { headerBytes, type ParsedJournal } from './journal-frame.ts'
import { z } from 'zod'

/** What of a journal can be gone on with. */
export interface JudgedJournal {
  readonly entries: readonly string[]
  /** Where the file ends that holds these and no more. */
  readonly end: number
  readonly fault: { readonly fault: JournalFault; readonly index: number } | null
}

const chainSchema = z.object({
  index: z.number(),
  previous: z.string(),
  more: z.boolean(),
})

/**
 * Judges a journal by its head. What the head does not count was never acknowledged: a whole change
 * may stay, half of one goes. What it counts must be there, every entry, as it was written.
 */
export function judgeJournal(parsed: ParsedJournal, head: JournalHead | null): JudgedJournal {
  const { id, entries, ends, rest } = parsed
  const upTo = (count: number, fault: JudgedJournal['fault']): JudgedJournal => ({
    entries: entries.slice(0, count),
    end: count === 0 ? headerBytes : (ends[count - 1] ?? headerBytes),
    fault,
  })
  // Without a head of its own nobody knows how many there were.
  if (head === null || head.id !== id)
    return upTo(entries.length, { fault: 'truncated', index: entries.length })
  if (entries.length < head.count)
    return upTo(entries.length, {
      fault: rest === 'not-ours' ? 'damaged' : 'truncated',
      index: entries.length,
    })
  const broken = brokenAt(id, entries)
  if (broken !== null) return upTo(broken, { fault: 'broken-chain', index: broken })
  if (!headFits(head, entries))
    return upTo(Math.max(0, head.count - 1), { fault: 'damaged', index: head.count - 1 })
  return upTo(wholeChanges(entries, head.count), null)
}

function brokenAt(id: string, entries: readonly string[]): number | null {
  let previous = firstHash(id)
  for (const [index, text] of entries.entries()) {
    const link = chainSchema.safeParse(JSON.parse(text))
    if (!link.success || link.data.index !== index || link.data.previous !== previous) return index
    previous = entryHash(text)
  }
  return null
}

/** How many entries make whole changes, at least those that were acknowledged. */
function wholeChanges(entries: readonly string[], acknowledged: number): number {
  let count = entries.length
  while (count > acknowledged && chainSchema.parse(JSON.parse(entries[count - 1] ?? '')).more)
    count -= 1
  return count
}
