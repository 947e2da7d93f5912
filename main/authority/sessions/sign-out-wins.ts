import { type Caller, CallFailure, type Handlers } from '../context.ts'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { EndReason } from '../protocol/index.ts'

/** A failed end is tried again this much later, ms. */
const again = 1_000

interface Unfinished {
  readonly reason: EndReason
  readonly caller: Caller
}

export interface SignOutWins {
  readonly handlers: Handlers
  /** Signed out, though no record of it could be written yet. */
  isOver(sessionId: string): boolean
  /** Tries to write down what is not yet; called with every tick. */
  finish(): Promise<void>
}

/**
 * Signing out is the one change that must not wait for the log: a session whose end could not be
 * recorded acts no more from that moment, and its end is written as soon as the log takes it. The
 * caller still hears that the record is missing.
 */
export function letSignOutWin(
  handlers: Handlers,
  { now, onDue }: { readonly now: () => number; readonly onDue: (at: number) => void },
): SignOutWins {
  const over = new Map<string, Unfinished>()

  async function finish(): Promise<void> {
    for (const [sessionId, { reason, caller }] of over)
      try {
        await handlers['session.end']({ sessionId: sessionId as never, reason }, caller)
        over.delete(sessionId)
      } catch (error) {
        if (error instanceof CallFailure) over.delete(sessionId)
        else {
          log('warn', 'sign-out-not-recorded', describeError(error))
          onDue(now() + again)
        }
      }
  }

  const guarded = Object.fromEntries(
    Object.entries(handlers).map(([call, handler]) => [
      call,
      async (request: { readonly sessionId?: string | null }, caller: Caller) => {
        if (over.size > 0) await finish()
        const { sessionId } = request
        const ending = call === 'session.end' || call === 'session.cleared'
        if (!ending && typeof sessionId === 'string' && over.has(sessionId))
          throw new CallFailure('session-ended', 'The session has ended.')
        return handler(request as never, caller)
      },
    ]),
  ) as unknown as Handlers

  return {
    isOver: (sessionId) => over.has(sessionId),
    finish,
    handlers: {
      ...guarded,
      async 'session.end'(request, caller) {
        try {
          return await guarded['session.end'](request, caller)
        } catch (error) {
          if (error instanceof CallFailure) throw error
          over.set(request.sessionId, { reason: request.reason, caller })
          onDue(now() + again)
          throw error
        }
      },
    },
  }
}
