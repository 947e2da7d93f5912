import type { Kysely } from 'kysely'
import type { Policy } from '../../policy/settings.ts'
import type { OverrideTable, SessionTable } from '../../store/schema/authority.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { LiveSession } from '../context.ts'
import { personOf } from '../identities/people.ts'
import { displayName, type Named, personView, witnessName } from '../names.ts'
import { viewNotices } from '../notices/open-notices.ts'
import {
  type EndReason,
  type NoticeView,
  type SessionView,
  sessionIdSchema,
} from '../protocol/index.ts'

export type SessionRow = Readonly<SessionTable>
export type Limits = Pick<Policy, 'session.inactivity' | 'session.tapGrace'>

/** The session ends here unless activity is reported before. */
export function inactiveAt(
  row: Pick<SessionRow, 'last_activity_at' | 'ends_at'>,
  limits: Pick<Limits, 'session.inactivity'>,
): number {
  return Math.min(row.last_activity_at + limits['session.inactivity'], row.ends_at)
}

/** Until here a tap of the owner lifts the shield. */
export function tapGraceUntil(
  row: Pick<SessionRow, 'verified_at' | 'ends_at'>,
  limits: Pick<Limits, 'session.tapGrace'>,
): number {
  return Math.min(row.verified_at + limits['session.tapGrace'], row.ends_at)
}

/** Whether the session may act now; limits count from the moment they pass, not from the tick. */
export function isLive(
  row: Pick<SessionRow, 'ended_at' | 'last_activity_at' | 'ends_at'>,
  limits: Pick<Limits, 'session.inactivity'>,
  now: number,
): boolean {
  return row.ended_at === null && now < inactiveAt(row, limits)
}

/** By which limit a session that is not live any more is over. */
export function limitOf(
  row: Pick<SessionRow, 'kind' | 'last_activity_at' | 'ends_at'>,
  limits: Pick<Limits, 'session.inactivity'>,
): EndReason {
  if (row.last_activity_at + limits['session.inactivity'] < row.ends_at) return 'inactivity'
  return row.kind === 'fallback' ? 'emergency-over' : 'session-limit'
}

/** The authorization override in force in a session, if any. */
export async function overrideInForce(db: Kysely<Schema>, sessionId: string, now: number) {
  return db
    .selectFrom('overrides')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', now)
    .executeTakeFirst()
}

/** What a session's view shows besides its row. */
export interface Surroundings {
  readonly person: Named
  readonly witness: Named | null
  /** In force. */
  readonly override: Readonly<OverrideTable> | null
  readonly notices: readonly NoticeView[]
}

/** A session as its own workstation may show it; asks what belongs to it. */
export async function viewSession(
  db: Kysely<Schema>,
  row: SessionRow,
  limits: Limits,
  now: number,
): Promise<SessionView> {
  // Asked together: a round trip to the database's thread costs more than the query.
  const [person, witness, override, notices] = await Promise.all([
    personOf(db, row.person_id),
    row.witness_id === null ? null : personOf(db, row.witness_id),
    overrideInForce(db, row.session_id, now),
    viewNotices(db, row),
  ])
  return sessionView(row, { person, witness, override: override ?? null, notices }, limits)
}

/** A session as its own workstation may show it. Whatever leaves is parsed where it leaves. */
export function sessionView(
  row: SessionRow,
  { person, witness, override, notices }: Surroundings,
  limits: Limits,
): SessionView {
  return {
    sessionId: sessionIdSchema.parse(row.session_id),
    person: personView(person),
    kind: row.kind,
    assurance: {
      aal: row.aal as SessionView['assurance']['aal'],
      amr: JSON.parse(row.amr) as string[],
      verifiedAt: row.verified_at,
    },
    startedAt: row.started_at,
    endsAt: row.ends_at,
    inactiveAt: inactiveAt(row, limits),
    tapGraceUntil: tapGraceUntil(row, limits),
    applications: JSON.parse(row.applications) as string[],
    scope: row.scope,
    patient: row.patient,
    witness: witness && witnessName(witness),
    override: override
      ? {
          overrideId: override.override_id,
          patient: override.patient,
          purposeOfUse: 'BTG',
          startedAt: override.started_at,
          endsAt: override.ends_at,
          witness: null,
        }
      : null,
    notices: [...notices],
  }
}

/** A session as the OpenID provider may use it. */
export async function liveSessionOf(
  db: Kysely<Schema>,
  row: SessionRow,
  now: number,
): Promise<LiveSession> {
  const [person, override] = await Promise.all([
    personOf(db, row.person_id),
    overrideInForce(db, row.session_id, now),
  ])
  return {
    sessionId: sessionIdSchema.parse(row.session_id),
    personId: row.person_id,
    displayName: displayName(person),
    role: person.role,
    kind: row.kind,
    scope: row.scope,
    aal: row.aal,
    amr: JSON.parse(row.amr) as string[],
    verifiedAt: row.verified_at,
    endsAt: row.ends_at,
    applications: JSON.parse(row.applications) as string[],
    patient: row.patient,
    override: override
      ? { patient: override.patient, endsAt: override.ends_at, reason: override.reason }
      : null,
    workstation: row.workstation_id,
  }
}
