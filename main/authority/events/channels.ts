import type { Database } from '../../store/port.ts'
import { padded } from '../in-lots.ts'
import { lockOf } from '../locks.ts'
import { takeReserve } from '../reserve.ts'
import type { StoredEvent } from './event.ts'

/** Number of the last event for this agent; null before it has a channel. */
export type SeqOf = (workstation: string) => Promise<number | null>

/** Number of the last event for each of these agents; none before it has a channel. */
export async function seqsOf(
  { read }: Pick<Database, 'read'>,
  workstations: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const channels = await read
    .selectFrom('agent_channels')
    .select(['workstation_id', 'seq'])
    .where('workstation_id', 'in', padded(workstations))
    .execute()
  return new Map(channels.map(({ workstation_id, seq }) => [workstation_id, seq]))
}

/** Number of the last event for each agent. */
export async function headsOf({
  read,
}: Pick<Database, 'read'>): Promise<ReadonlyMap<string, number>> {
  const channels = await read
    .selectFrom('agent_channels')
    .select(['workstation_id', 'seq'])
    .execute()
  return new Map(channels.map(({ workstation_id, seq }) => [workstation_id, seq]))
}

/**
 * Number of the last event for this agent, which has a channel after this: what all are told from now on is told
 * to it, too, and what they were told before, it can read. Whoever tells all runs alone; thousands
 * that are new do not wait for one another.
 */
export async function openChannel(
  { write, seqOf }: Pick<Database, 'write'> & { readonly seqOf: SeqOf },
  workstation: string,
): Promise<number> {
  const known = await seqOf(workstation)
  if (known !== null) return known
  await write(
    (tx) =>
      tx
        .insertInto('agent_channels')
        .values({ workstation_id: workstation, seq: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    { ...takeReserve, ...lockOf({ personId: null, workstationId: workstation }) },
  )
  return (await seqOf(workstation)) ?? 0
}

/** Events after `seq` that are still kept, in order; the first may not be the next one. */
export async function eventsAfter(
  { read }: Pick<Database, 'read'>,
  workstation: string,
  seq: number,
): Promise<readonly StoredEvent[]> {
  const rows = await read
    .selectFrom('agent_events')
    .select(['seq', 'body'])
    .where('workstation_id', '=', workstation)
    .where('seq', '>', seq)
    .orderBy('seq')
    .execute()
  return rows.map((row) => ({ workstation, ...row }))
}
