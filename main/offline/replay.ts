import { journalEntrySchema } from '../authority/protocol/index.ts'
import type { Policy } from '../policy/settings.ts'
import type { Tx } from '../store/port.ts'
import { putRow } from './changed-rows.ts'

/**
 * Brings back what a journal says: counters, wrong attempts, accesses that count against a quota, and
 * sessions, which end with the start that follows, because their views are gone.
 */
export async function replayJournal(
  tx: Tx,
  entries: readonly string[],
  {
    workstation,
    policy,
  }: {
    readonly workstation: { readonly id: string; readonly name: string }
    readonly policy: Policy
  },
): Promise<void> {
  for (const text of entries) {
    const entry = journalEntrySchema.parse(JSON.parse(text))
    for (const row of entry.passkeys) await putRow(tx, 'passkeys', row, {})
    for (const row of endedFirst(entry.sessions))
      await putRow(tx, 'sessions', row, {
        workstation_name: workstation.name,
        scope: row.kind === 'fallback' ? 'reduced' : 'full',
        applications: '[]',
        patient: null,
      })
    for (const row of endedFirst(entry.overrides)) await putRow(tx, 'overrides', row, {})
    for (const row of entry.review_cases)
      await putRow(tx, 'review_cases', row, {
        workstation_name: workstation.name,
        due_at: row.started_at + policy['emergency.reviewDue'],
        escalates_at: row.started_at + policy['emergency.reviewEscalates'],
      })
  }
}

/** What ended makes room for what is open: one of a person, or of a session, is live at a time. */
const endedFirst = <R extends { readonly ended_at: number | null }>(rows: readonly R[]): R[] =>
  rows.toSorted((one, other) => Number(one.ended_at === null) - Number(other.ended_at === null))
