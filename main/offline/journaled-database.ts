import type { AuditInput } from '../audit/events.ts'
import type { AuditLog } from '../audit/port.ts'
import type { AuditEventName } from '../audit/events.ts'
import { type JournalEntry, journalEvents } from '../authority/protocol/index.ts'
import type { MemoryDatabase } from '../store/memory-database.ts'
import type { Database, Tx } from '../store/port.ts'
import { takeChangedRows, watchRows } from './changed-rows.ts'
import type { Journal } from './journal.ts'
import { splitChange } from './split-change.ts'

export interface JournaledOptions {
  readonly memory: MemoryDatabase
  readonly journal: Pick<Journal, 'append'>
  readonly bundleId: string
  readonly now: () => number
  /** The assertion that the call under way answered with, if any. */
  readonly proof: (tx: Tx) => Promise<JournalEntry['proofs'][number] | null>
  /** As the record is named that was written by an authority on a workstation. */
  readonly rename?: Readonly<Partial<Record<AuditEventName, AuditEventName>>>
}

export interface Journaled {
  /** Resolves a write only when the journal holds it. */
  readonly db: Database
  readonly audit: AuditLog
}

/**
 * A database in memory whose changes go to the journal before anybody hears of them: what has a
 * record is flushed; what has none (a tap, a challenge, activity) goes along with the next that has.
 */
export function journaledDatabase(options: JournaledOptions): Journaled {
  const { memory, journal, bundleId, now, proof, rename = {} } = options
  const records = new WeakMap<Tx, AuditInput[]>()
  watchRows(memory)

  return {
    db: {
      read: memory.read,
      close: () => memory.close(),
      write: (work) =>
        memory.write(async (tx) => {
          const written: AuditInput[] = []
          records.set(tx, written)
          const result = await work(tx)
          if (written.length === 0) return result
          const [rows, shown] = [await takeChangedRows(tx), await proof(tx)]
          const change = { ...rows, records: written, proofs: shown === null ? [] : [shown] }
          await journal.append(splitChange({ bundle: bundleId, at: now() }, change))
          return result
        }),
    },
    audit: {
      append(tx, input) {
        const event = rename[input.event] ?? input.event
        if (!journalEvents.has(event))
          return Promise.reject(new Error(`A workstation alone does not record ${event}.`))
        const list = records.get(tx)
        if (!list) return Promise.reject(new Error('A record outside of a write.'))
        list.push({ ...input, event })
        return Promise.resolve()
      },
      checkpoint: () => Promise.resolve({ size: 0, note: '' }),
      async *export() {},
      dispose: () => Promise.resolve(),
    },
  }
}
