import { type Person, personOf } from '../identities/people.ts'
import { handOver } from '../roaming/hand-over.ts'
import { type Departure, makeRoom, type Place, type Room } from '../roaming/make-room.ts'
import { prepare } from '../../store/prepared.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import type { EndSession } from './ending.ts'
import { inactiveAt, type SessionRow } from './session-views.ts'

export interface Beginning {
  readonly personId: string
  readonly place: Place
  /** What is known of the person and since when; a tap that takes a session over adds nothing to it. */
  readonly assurance: Pick<SessionRow, 'aal' | 'amr' | 'verified_at'>
  /** Where the caller has them already, read in this unit. */
  readonly known?: { readonly person: Person; readonly room: Room }
  /** Records the beginning, after the move if there is one. */
  readonly record?: (session: SessionRow) => Promise<void>
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
  const { personId, place, by, known } = beginning
  const kind = by.kind === 'witness' ? 'fallback' : 'standard'
  const departure = await makeRoom(services, work, { personId, place, kind }, known?.room)
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
  const inserted = insertSession.run(tx, session)
  if (departure) {
    await inserted
    await handOver(services, work, departure, session, by.kind)
  }
  await Promise.all([inserted, beginning.record?.(session)])
  work.due(inactiveAt(session, services.policy))
  return { session, movedFrom: departure && { where: departure.left.workstation_name, at: now } }
}

const insertSession = prepare<SessionRow>()((db, place) =>
  db.insertInto('sessions').values({
    session_id: place('session_id'),
    person_id: place('person_id'),
    workstation_id: place('workstation_id'),
    workstation_name: place('workstation_name'),
    kind: place('kind'),
    scope: place('scope'),
    aal: place('aal'),
    amr: place('amr'),
    verified_at: place('verified_at'),
    started_at: place('started_at'),
    ends_at: place('ends_at'),
    last_activity_at: place('last_activity_at'),
    shielded_at: place('shielded_at'),
    applications: place('applications'),
    patient: place('patient'),
    witness_id: place('witness_id'),
    ended_at: place('ended_at'),
    end_reason: place('end_reason'),
    cleared_at: place('cleared_at'),
    continues: place('continues'),
  }),
)

/** What the session goes on with, or starts with. */
async function given(
  { policy }: Pick<Services, 'policy'>,
  { tx, now }: Unit,
  { personId, by, known }: Beginning,
  departure: Departure | null,
): Promise<Pick<SessionRow, 'started_at' | 'ends_at' | 'applications' | 'patient'>> {
  if (departure?.inherits) {
    const { started_at, ends_at, applications, patient } = departure.left
    return { started_at, ends_at, applications, patient }
  }
  const { applications, patient } = known?.person ?? (await personOf(tx, personId))
  const life = policy[by.kind === 'witness' ? 'emergency.witnessed' : 'session.overall']
  return { started_at: now, ends_at: now + life, applications, patient }
}
