import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

/** A colleague's tap covered an open seat (R4): recorded as theirs, and its owner is told (R16). */
export async function securedByColleague(
  services: Pick<Services, 'policy' | 'record' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  session: SessionRow,
  colleague: string,
): Promise<void> {
  await services.record(work.tx, 'session.secured', {
    actor: colleague,
    session,
    workstation: session.workstation_id,
    detail: { by: 'colleague' },
  })
  await leaveNotice(services, work, {
    personId: session.person_id,
    kind: 'seat-secured',
    about: session.session_id,
    place: session.workstation_name,
    by: null,
  })
}
