import type { Kysely } from 'kysely'
import { engineOf } from '../../store/engine.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { HandoverTable } from '../../store/schema/roaming.ts'
import { anybody, type Reach, unitWithPeople } from '../locks.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import { takeBackUnsecured, wereTold } from './seat-news.ts'

type Tools = Pick<Services, 'policy' | 'record'>
type Left = Pick<SessionRow, 'session_id' | 'person_id' | 'aal' | 'verified_at' | 'workstation_id'>

/** For what a seat says of a session that it had: of its person, and of whoever was told otherwise. */
export async function seatUnit<T>(
  { db, unit }: Pick<Services, 'db' | 'unit'>,
  { sessionId, workstationId }: { readonly sessionId: string; readonly workstationId: string },
  work: (unit: Unit, reach: Reach) => Promise<T>,
): Promise<T> {
  const people = engineOf(db.read) === 'sqlite' ? [] : await concerned(db.read, sessionId)
  return unitWithPeople({ db, unit }, { people, workstationId }, work, takeReserve)
}

async function concerned(db: Kysely<Schema>, sessionId: string): Promise<string[]> {
  const [owner, told] = await Promise.all([
    db
      .selectFrom('sessions')
      .select('person_id')
      .where('session_id', '=', sessionId)
      .executeTakeFirst(),
    wereTold(db, { sessionId }),
  ])
  return [...(owner ? [owner.person_id] : []), ...told]
}

/**
 * The seat that a session left is covered. Recorded once, however often it is told; when the seat
 * was marked as unsecured before, that is taken back. Nothing for a session that did not move.
 */
export async function acknowledge(
  services: Tools,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  session: Left,
  by: 'seat' | 'restart',
  reach: Reach = anybody,
): Promise<void> {
  const { tx, now } = work
  const handover: Readonly<HandoverTable> | undefined = await tx
    .updateTable('handovers')
    .set({ secured_at: now })
    .where('from_session_id', '=', session.session_id)
    .where('secured_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!handover) return
  if (handover.unsecured_at !== null) reach(await wereTold(tx, { sessionId: session.session_id }))
  const after = now - handover.moved_at
  const entry = { session, workstation: session.workstation_id }
  await services.record(tx, 'session.secured', { ...entry, detail: { by, after } })
  if (handover.unsecured_at === null) return
  await services.record(tx, 'seat.secured', { ...entry, detail: { by, after } })
  await takeBackUnsecured(services, work, handover)
}

/** Nothing of the session is left at its seat, which is more than covered. */
export async function acknowledgeCleared(
  services: Tools,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  session: Left,
  by: 'seat' | 'restart' = 'seat',
  reach: Reach = anybody,
): Promise<void> {
  await acknowledge(services, work, session, by, reach)
  await work.tx
    .updateTable('handovers')
    .set({ cleared_at: work.now })
    .where('from_session_id', '=', session.session_id)
    .where('cleared_at', 'is', null)
    .execute()
}

/** The agent of a workstation started anew: whatever it had open before is gone. */
export async function acknowledgeRestart(
  services: Tools,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  workstationId: string,
): Promise<void> {
  const left = await work.tx
    .selectFrom('handovers')
    .innerJoin('sessions', 'sessions.session_id', 'handovers.from_session_id')
    .selectAll('sessions')
    .where('from_workstation_id', '=', workstationId)
    .where('secured_at', 'is', null)
    .execute()
  for (const session of left) await acknowledgeCleared(services, work, session, 'restart')
}
