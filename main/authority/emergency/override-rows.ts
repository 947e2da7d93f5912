import type { OverrideTable } from '../../store/schema/authority.ts'
import { sessionIdSchema } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

/** How an authorization override came to its end. */
export type OverrideEnd = 'asked' | 'time' | 'session' | 'replaced'

/**
 * Ends the override in force in a session, if any: its row, its review case and its record. The
 * caller tells the agent about the session; `override.ended` goes out from here.
 */
export async function closeOverride(
  { record }: Pick<Services, 'record'>,
  { tx, now, publish }: Pick<Unit, 'tx' | 'now' | 'publish'>,
  session: SessionRow,
  why: OverrideEnd,
): Promise<Readonly<OverrideTable> | null> {
  const ended = await tx
    .updateTable('overrides')
    .set({ ended_at: now })
    .where('session_id', '=', session.session_id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!ended) return null
  await tx
    .updateTable('review_cases')
    .set({ ended_at: now })
    .where('case_id', '=', ended.override_id)
    .execute()
  await record(tx, 'override.ended', {
    session,
    workstation: session.workstation_id,
    patient: ended.patient,
    purposeOfUse: 'BTG',
    detail: { override: ended.override_id, why },
  })
  publish(session.workstation_id, {
    type: 'override.ended',
    sessionId: sessionIdSchema.parse(session.session_id),
    overrideId: ended.override_id,
  })
  return ended
}
