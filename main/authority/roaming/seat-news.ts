import type { HandoverTable } from '../../store/schema/roaming.ts'
import { leaveNotices, publishNotices } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'

type Left = Pick<Readonly<HandoverTable>, 'from_session_id' | 'person_id' | 'from_workstation_name'>
type News = Pick<Unit, 'tx' | 'now' | 'publish'>

/** Tells the person and every charge nurse that the seat that the session left may be open. */
export async function tellUnsecured(
  services: Pick<Services, 'policy' | 'randomId'>,
  work: News,
  { from_session_id, person_id, from_workstation_name }: Left,
): Promise<void> {
  const nurses = await work.tx
    .selectFrom('people')
    .select('person_id')
    .where('role', '=', 'charge-nurse')
    .execute()
  await leaveNotices(services, work, {
    people: new Set([person_id, ...nurses.map((nurse) => nurse.person_id)]),
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
