import type { Kysely } from 'kysely'
import type { HandoverTable } from '../../store/schema/roaming.ts'
import type { Schema } from '../../store/schema/index.ts'
import { leaveNotices, publishNotices } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'

type Left = Pick<Readonly<HandoverTable>, 'from_session_id' | 'from_workstation_name'>
type News = Pick<Unit, 'tx' | 'now' | 'publish'>

/** Who is told when a seat that this person left may be open: they themselves, and charge nurses. */
export async function toBeTold(db: Kysely<Schema>, personId: string): Promise<Set<string>> {
  const nurses = await db
    .selectFrom('people')
    .select('person_id')
    .where('role', '=', 'charge-nurse')
    .execute()
  return new Set([personId, ...nurses.map((nurse) => nurse.person_id)])
}

/** Whoever was told, and has not answered yet. */
export async function wereTold(
  db: Kysely<Schema>,
  { sessionId }: { readonly sessionId: string },
): Promise<string[]> {
  const rows = await db
    .selectFrom('notices')
    .select('person_id')
    .where('about', '=', sessionId)
    .where('kind', '=', 'seat-unsecured')
    .where('answered_at', 'is', null)
    .execute()
  return rows.map(({ person_id }) => person_id)
}

/** Tells people that the seat that the session left may be open. */
export async function tellUnsecured(
  services: Pick<Services, 'policy' | 'randomId'>,
  work: News,
  { from_session_id, from_workstation_name }: Left,
  people: Set<string>,
): Promise<void> {
  await leaveNotices(services, work, {
    people,
    kind: 'seat-unsecured',
    about: from_session_id,
    place: from_workstation_name,
    by: null,
  })
}

/** The seat is secured after all: whoever has not answered need not any more. */
export async function takeBackUnsecured(
  services: Pick<Services, 'policy'>,
  work: News,
  { from_session_id }: Pick<Left, 'from_session_id'>,
): Promise<void> {
  const told = await work.tx
    .updateTable('notices')
    .set({ answered_at: work.now })
    .where('about', '=', from_session_id)
    .where('kind', '=', 'seat-unsecured')
    .where('answered_at', 'is', null)
    .returning('person_id')
    .execute()
  await publishNotices(
    services,
    work,
    told.map(({ person_id }) => person_id),
  )
}
