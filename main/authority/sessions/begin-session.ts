import { personOf } from '../identities/people.ts'
import { handOver } from '../roaming/hand-over.ts'
import { type Departure, makeRoom, type Place } from '../roaming/make-room.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import type { EndSession } from './ending.ts'
import { inactiveAt, type SessionRow } from './session-views.ts'

export interface Beginning {
  readonly personId: string
  readonly place: Place
  /** What is known of the person and since when; a tap that takes a session over adds nothing to it. */
  readonly assurance: Pick<SessionRow, 'aal' | 'amr' | 'verified_at'>
  readonly by:
    | { readonly kind: 'passkey'; readonly passkeyId: string }
    | { readonly kind: 'tap' }
    | { readonly kind: 'witness'; readonly witnessId: string }
}

export interface Begun {
  readonly session: SessionRow
  /** It was live there until now. */
  readonly movedFrom: { readonly where: string; readonly at: number } | null
}

/**
 * Begins a person's session at a place; the one that they had makes room. One that was live at
 * another workstation goes on in the new one: with its start and its hard end, so that moving does
 * not stretch a shift, its applications, its patient and its override.
 */
export async function beginSession(
  services: Services & { readonly endSession: EndSession },
  work: Unit,
  beginning: Beginning,
): Promise<Begun> {
  const { tx, now } = work
  const { personId, place, by } = beginning
  const kind = by.kind === 'witness' ? 'fallback' : 'standard'
  const departure = await makeRoom(services, work, { personId, place, kind })
  const session: SessionRow = {
    session_id: services.randomId(),
    person_id: personId,
    workstation_id: place.id,
    workstation_name: place.name,
    kind,
    scope: kind === 'fallback' ? 'reduced' : 'full',
    ...beginning.assurance,
    ...(await given(services, work, beginning, departure)),
    last_activity_at: now,
    shielded_at: null,
    witness_id: by.kind === 'witness' ? by.witnessId : null,
    ended_at: null,
    end_reason: null,
    cleared_at: null,
    continues: departure?.inherits ? departure.left.session_id : null,
  }
  await tx.insertInto('sessions').values(session).execute()
  if (departure) await handOver(services, work, departure, session, by.kind)
  work.due(inactiveAt(session, services.policy))
  return { session, movedFrom: departure && { where: departure.left.workstation_name, at: now } }
}

/** What the session goes on with, or starts with. */
async function given(
  { policy }: Pick<Services, 'policy'>,
  { tx, now }: Unit,
  { personId, by }: Beginning,
  departure: Departure | null,
): Promise<Pick<SessionRow, 'started_at' | 'ends_at' | 'applications' | 'patient'>> {
  if (departure?.inherits) {
    const { started_at, ends_at, applications, patient } = departure.left
    return { started_at, ends_at, applications, patient }
  }
  const { applications, patient } = await personOf(tx, personId)
  const life = policy[by.kind === 'witness' ? 'emergency.witnessed' : 'session.overall']
  return { started_at: now, ends_at: now + life, applications, patient }
}
