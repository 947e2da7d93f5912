import type { Tx } from '../../store/port.ts'
import { closeOverride } from '../emergency/override-rows.ts'
import { type EndReason, sessionIdSchema } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import type { SessionRow } from './session-views.ts'

export interface EndingOptions extends Pick<Services, 'record'> {
  /** Destroys what applications hold of the session, in the same transaction. */
  readonly sessionEnded: (tx: Tx, sessionId: string) => Promise<void>
}

/** Where a session goes on. */
export interface Onward {
  /** Name of the workstation. */
  readonly where: string
  /** The override in force goes with it, so it is not over. */
  readonly keepsOverride: boolean
}

/**
 * Ends a session with all that hangs on it: override, review case, launch handles and tokens. With
 * the reason `moved` it goes on at `onward`. False when it had ended before.
 */
export type EndSession = (
  unit: Pick<Unit, 'tx' | 'now' | 'publish'>,
  session: SessionRow,
  reason: EndReason,
  onward?: Onward,
) => Promise<boolean>

export function createEndSession({ record, sessionEnded }: EndingOptions): EndSession {
  return async (unit, session, reason, onward) => {
    const { tx, now, publish } = unit
    const ended = await tx
      .updateTable('sessions')
      .set({ ended_at: now, end_reason: reason })
      .where('session_id', '=', session.session_id)
      .where('ended_at', 'is', null)
      .returning('session_id')
      .executeTakeFirst()
    if (!ended) return false

    if (!onward?.keepsOverride) await closeOverride({ record }, unit, session, 'session')
    const entry = { session, workstation: session.workstation_id, detail: { reason } }
    if (session.kind === 'fallback') {
      await tx
        .updateTable('review_cases')
        .set({ ended_at: now })
        .where('session_id', '=', session.session_id)
        .where('ended_at', 'is', null)
        .execute()
      await record(tx, 'fallback.ended', entry)
    }
    await record(tx, 'session.ended', entry)
    await sessionEnded(tx, session.session_id)
    publish(session.workstation_id, {
      type: 'session.ended',
      sessionId: sessionIdSchema.parse(session.session_id),
      reason,
      moved: onward ? { where: onward.where, at: now } : null,
    })
    return true
  }
}
