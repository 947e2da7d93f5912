import type { Kysely } from 'kysely'
import { prepare } from '../../store/prepared.ts'
import type { Schema } from '../../store/schema/index.ts'
import { padded } from '../in-lots.ts'
import { CallFailure } from '../context.ts'
import { isLive, type Limits, type SessionRow } from './session-views.ts'

/** Sessions at workstations that have not been ended; newest first. Their limits may have passed. */
export async function openSessions(
  db: Kysely<Schema>,
  workstationIds: readonly string[],
): Promise<SessionRow[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('workstation_id', 'in', padded(workstationIds))
    .where('ended_at', 'is', null)
    .orderBy('started_at', 'desc')
    .execute()
}

/** The one session of a person that has not been ended, wherever it is. Its limits may have passed. */
export async function openSessionOf(
  db: Kysely<Schema>,
  personId: string,
): Promise<SessionRow | null> {
  return openOfPerson.first(db, { personId })
}

const openOfPerson = prepare<{ personId: string }>()((db, place) =>
  db
    .selectFrom('sessions')
    .selectAll()
    .where('person_id', '=', place('personId'))
    .where('ended_at', 'is', null),
)

/** A session's row on the far side of a left join. */
export type SessionColumns = { readonly [Name in keyof SessionRow]: SessionRow[Name] | null }

export const sessionOrNull = (row: SessionColumns): SessionRow | null =>
  row.session_id === null ? null : (row as SessionRow)

/** A session of this workstation, ended or not; another workstation's does not exist for it. */
export async function sessionHere(
  db: Kysely<Schema>,
  { sessionId, workstationId }: { readonly sessionId: string; readonly workstationId: string },
): Promise<SessionRow> {
  const row = await db
    .selectFrom('sessions')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
  if (!row) throw new CallFailure('not-found', 'This workstation has no such session.')
  return row
}

/** As `sessionHere`, and it must be live now. */
export async function liveSessionHere(
  db: Kysely<Schema>,
  key: { readonly sessionId: string; readonly workstationId: string },
  limits: Pick<Limits, 'session.inactivity'>,
  now: number,
): Promise<SessionRow> {
  const row = await sessionHere(db, key)
  if (!isLive(row, limits, now)) throw new CallFailure('session-ended', 'The session has ended.')
  return row
}

/** As `liveSessionHere`, and its person proved to be there: a witnessed session is not enough. */
export async function provenSessionHere(
  db: Kysely<Schema>,
  key: { readonly sessionId: string; readonly workstationId: string },
  limits: Pick<Limits, 'session.inactivity'>,
  now: number,
): Promise<SessionRow> {
  const row = await liveSessionHere(db, key, limits, now)
  if (!isProven(row)) throw new CallFailure('conflict', 'This needs a session with a passkey.')
  return row
}

/** Whether the session's person showed a passkey, rather than a witness who vouched for them. */
export const isProven = ({ kind, aal }: Pick<SessionRow, 'kind' | 'aal'>): boolean =>
  kind === 'standard' && aal >= 2
