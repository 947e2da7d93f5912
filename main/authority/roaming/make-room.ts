import type { Tx } from '../../store/port.ts'
import { prepare } from '../../store/prepared.ts'
import { CallFailure } from '../context.ts'
import type { EndReason } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import { sessionOrNull } from '../sessions/session-rows.ts'
import { isLive, limitOf, type Limits, type SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

export type Place = { readonly id: string; readonly name: string }

export interface Arrival {
  readonly personId: string
  readonly place: Place
  /** Of the session that is about to begin. */
  readonly kind: SessionRow['kind']
}

/** What a person leaves behind when they begin anew. */
export interface Departure {
  readonly left: SessionRow
  /** The new session goes on with what the old one had: its hard end, patient and override. */
  readonly inherits: boolean
}

/** How a person's open session ends when another of theirs begins. */
export function endFor(
  open: SessionRow,
  { place, kind }: Pick<Arrival, 'place' | 'kind'>,
  limits: Pick<Limits, 'session.inactivity'>,
  now: number,
): EndReason {
  if (!isLive(open, limits, now)) return limitOf(open, limits)
  if (open.workstation_id !== place.id) return 'moved'
  return open.kind === 'fallback' || kind === 'standard' ? 'emergency-over' : 'replaced'
}

/** What making room depends on, read in the unit that does it. */
export interface Room {
  /** Not ended yet, wherever it is. */
  readonly left: SessionRow | null
  /** The place was taken out of service. */
  readonly disabled: boolean
  /** There are notices that the person has not answered. */
  readonly noticed: boolean
}

export async function lookForRoom(
  tx: Tx,
  { personId, place }: Pick<Arrival, 'personId' | 'place'>,
): Promise<Room> {
  const row = await room.first(tx, { personId, workstationId: place.id })
  if (!row) return { left: null, disabled: false, noticed: false }
  const { disabled, noticed, ...session } = row
  return {
    left: sessionOrNull(session),
    disabled: disabled !== null,
    noticed: Boolean(noticed),
  }
}

/** An embedded authority's own workstation is not in the register, and never disabled. */
const room = prepare<{ personId: string; workstationId: string }>()((db, place) =>
  db
    .selectFrom('people')
    .leftJoin('sessions', (join) =>
      join.onRef('sessions.person_id', '=', 'people.person_id').on('sessions.ended_at', 'is', null),
    )
    .leftJoin('workstations', (join) =>
      join
        .on('workstations.workstation_id', '=', place('workstationId'))
        .on('workstations.status', '=', 'disabled'),
    )
    .selectAll('sessions')
    .select('workstations.workstation_id as disabled')
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('notices')
            .select('notice_id')
            .whereRef('notices.person_id', '=', 'people.person_id')
            .where('answered_at', 'is', null),
        )
        .as('noticed'),
    )
    .where('people.person_id', '=', place('personId')),
)

/**
 * Ends what a person has open, wherever it is, so that a session of theirs can begin at a place (R3).
 * Nobody is refused because of it (R4). Says what was left when it was live at another workstation.
 * Rejects with `CallFailure` `conflict` when the place was taken out of service, or somebody else was
 * quicker.
 */
export async function makeRoom(
  {
    policy,
    endSession,
    isOver = () => false,
  }: Pick<Services, 'policy' | 'isOver'> & { readonly endSession: EndSession },
  work: Unit,
  arrival: Arrival,
  room?: Room,
): Promise<Departure | null> {
  const { left, disabled } = room ?? (await lookForRoom(work.tx, arrival))
  // Its connection is cut a moment later; what it asked meanwhile must begin nothing.
  if (disabled) throw new CallFailure('conflict', 'This workstation was taken out of service.')
  if (!left) return null
  const reason = isOver(left.session_id) ? 'sign-out' : endFor(left, arrival, policy, work.now)
  if (reason !== 'moved') {
    if (!(await endSession(work, left, reason))) throw overtaken()
    return null
  }
  // A witnessed session proved nothing that a proven one could build on, nor the other way round.
  const inherits = left.kind === 'standard' && arrival.kind === 'standard'
  const onward = { where: arrival.place.name, keepsOverride: inherits }
  if (!(await endSession(work, left, reason, onward))) throw overtaken()
  return { left, inherits }
}

/** Somebody else ended it since it was read, and may have begun the next one. */
const overtaken = () =>
  new CallFailure('conflict', 'The session of this person just ended elsewhere. Try again.')
