import { sql } from 'kysely'
import type { Tx } from '../../store/port.ts'
import type { NewEvent, Recipient, StoredEvent } from './event.ts'

/** How many events an agent may miss before it must reconcile by its sessions alone. */
export const kept = 256
/** Older ones are removed with every so many new ones. */
const purgeEvery = 64
/** Rows of one statement, well below the 65,535 parameters of one. */
const chunk = 1_000

/** Nobody's: databases of earlier versions have such a row. */
const nobody = '*'

export type Addressed = readonly [to: Recipient, event: NewEvent]

/**
 * Writes events in the transaction of what they tell. An event's number is taken with a lock on its
 * workstation that lasts until the commit: so numbers have no gaps and follow the commits, and
 * whoever sees one in the store sees all before it, too. A transaction that tells all names no locks
 * (`WriteOptions.lock`): so no workstation begins to listen beside it and hears nothing.
 */
export async function writeEvents(
  tx: Tx,
  events: readonly Addressed[],
  at: number,
): Promise<readonly StoredEvent[]> {
  if (events.length === 0) return []
  const all = events.flatMap(([to, event]) => (to === 'all' ? [event] : []))
  const byWorkstation = Map.groupBy(
    events.flatMap(([to, event]) => (to === 'all' ? [] : [{ ...to, event }])),
    ({ workstation }) => workstation,
  )
  const written: StoredEvent[] = []
  if (all.length > 0) {
    const channels = await tx
      .updateTable('agent_channels')
      .set(({ eb }) => ({ seq: eb('seq', '+', all.length) }))
      .where('workstation_id', '!=', nobody)
      .returning(['workstation_id', 'seq'])
      .execute()
    for (const channel of channels) written.push(...number(channel, all))
  }
  // In one order, so that two who tell the same workstations do not wait for each other.
  for (const workstation of [...byWorkstation.keys()].toSorted()) {
    const own = byWorkstation.get(workstation) ?? []
    const channel = await take(tx, workstation, own.length)
    written.push(
      ...number(
        channel,
        own.map(({ event }) => event),
      ),
    )
  }
  for (let from = 0; from < written.length; from += chunk)
    await tx
      .insertInto('agent_events')
      .values(
        written
          .slice(from, from + chunk)
          .map(({ workstation, seq, body }) => ({ workstation_id: workstation, seq, body, at })),
      )
      .execute()
  await purge(tx, written)
  return written
}

function take(tx: Tx, workstation: string, count: number) {
  return tx
    .insertInto('agent_channels')
    .values({ workstation_id: workstation, seq: count })
    .onConflict((conflict) =>
      conflict
        .column('workstation_id')
        .doUpdateSet({ seq: sql<number>`agent_channels.seq + ${count}` }),
    )
    .returning(['workstation_id', 'seq'])
    .executeTakeFirstOrThrow()
}

const number = (
  { workstation_id, seq }: { readonly workstation_id: string; readonly seq: number },
  events: readonly NewEvent[],
): StoredEvent[] =>
  events.map((event, index) => ({
    workstation: workstation_id,
    seq: seq - events.length + index + 1,
    body: JSON.stringify(event),
  }))

async function purge(tx: Tx, written: readonly StoredEvent[]): Promise<void> {
  for (const { workstation, seq } of written)
    if (seq % purgeEvery === 0)
      await tx
        .deleteFrom('agent_events')
        .where('workstation_id', '=', workstation)
        .where('seq', '<=', seq - kept)
        .execute()
}
