import type { Kysely } from 'kysely'
import type { ReserveUse } from '../store/port.ts'
import type { Schema } from '../store/schema/index.ts'
import type { LiveSession } from './context.ts'

/*
 * What goes on when the disk is full. Ordinary sign-in does not; these may use the space that the
 * store keeps for them: emergency access with everything that leads to it and follows from it, and
 * whatever ends or secures a session.
 */

/** For a write that goes on, whoever it is for. */
export const takeReserve = { reserve: 'take' } as const
/** For what has to follow in a reserve that is open, and is no reason to open it. */
export const shareReserve = { reserve: 'share' } as const

/** For a write that belongs to a session: a witnessed one, or one with an override in force. */
export const reserveOf = ({
  kind,
  override,
}: Pick<LiveSession, 'kind' | 'override'>): { readonly reserve: ReserveUse } => ({
  reserve: kind === 'fallback' || override !== null ? 'take' : 'none',
})

/** As `reserveOf`, for a session by its id. */
export async function reserveOfSession(
  db: { readonly read: Kysely<Schema> },
  sessionId: string,
  now: number,
): Promise<ReserveUse> {
  const emergency = await db.read
    .selectFrom('sessions')
    .leftJoin('overrides', (join) =>
      join
        .onRef('overrides.session_id', '=', 'sessions.session_id')
        .on('overrides.ended_at', 'is', null)
        .on('overrides.ends_at', '>', now),
    )
    .select('sessions.session_id')
    .where('sessions.session_id', '=', sessionId)
    .where((eb) =>
      eb.or([eb('sessions.kind', '=', 'fallback'), eb('overrides.override_id', 'is not', null)]),
    )
    .executeTakeFirst()
  return emergency ? 'take' : 'none'
}
