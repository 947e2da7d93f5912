import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Caller, CallFailure, type Handlers } from '../context.ts'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { EndReason } from '../protocol/index.ts'

/** A failed end is tried again this much later, ms. */
const again = 1_000
/**
 * A call waits so long for ends that are tried again, ms: one that cannot be recorded, for a lock
 * that somebody holds, must keep nobody from the node.
 */
const waits = 250
/** A load balancer knows by then that this node is not ready (docs/operate.md), ms. */
const defaultPatience = 8_000
/** Try again later (RFC 6455, 7.4.1): where another node is, there. */
const elsewhere = 1013

interface Unfinished {
  readonly reason: EndReason
  readonly caller: Caller
  /** First asked for over this connection, ms. */
  readonly since: number
}

/** Sessions in an answer about a person or a workstation. */
interface Shown {
  readonly session?: { readonly sessionId: string } | null
  readonly sessions?: readonly { readonly sessionId: string }[]
}

export interface SignOutOptions {
  readonly now: () => number
  readonly onDue: (at: number) => void
  /** An agent whose sign-out is not recorded after so long is sent to another node, ms. */
  readonly patience?: number
}

export interface SignOutWins {
  readonly handlers: Handlers
  /** Signed out, though no record of it could be written yet. */
  isOver(sessionId: string): boolean
  /** Tries to write down what is not yet, and waits for it a moment; called with every tick. */
  finish(): Promise<void>
}

/**
 * Signing out is the one change that must not wait for the log: a session whose end could not be
 * recorded acts no more from that moment, and its end is written as soon as the log takes it. The
 * caller still hears that the record is missing, and says it again until somebody records it. Other
 * nodes cannot know: one that reaches the database when this one does not takes the session for live.
 * So the agent is sent there, and repeats it.
 */
export function letSignOutWin(
  handlers: Handlers,
  { now, onDue, patience = defaultPatience }: SignOutOptions,
): SignOutWins {
  const over = new Map<string, Unfinished>()
  let finishing: Promise<void> | null = null
  // It belongs to no call, nor to the deadline of the one that began it.
  const outside = AsyncLocalStorage.snapshot()

  /** One look at a time, however many calls wait for it. */
  async function finish(): Promise<void> {
    finishing ??= outside(finishAll).finally(() => (finishing = null))
    await Promise.race([finishing, delay(waits, undefined, { ref: false })])
  }

  async function finishAll(): Promise<void> {
    for (const [sessionId, { reason, caller }] of over)
      try {
        await handlers['session.end']({ sessionId: sessionId as never, reason }, caller)
        over.delete(sessionId)
      } catch (error) {
        if (error instanceof CallFailure) over.delete(sessionId)
        else {
          log('warn', 'sign-out-not-recorded', describeError(error))
          onDue(now() + again)
          sendAway(sessionId)
        }
      }
  }

  function sendAway(sessionId: string): void {
    const late = over.get(sessionId)
    if (!late || now() - late.since < patience) return
    late.caller.connection?.close(elsewhere, 'not recorded here')
    const { connection: _, ...caller } = late.caller
    over.set(sessionId, { ...late, caller })
  }

  function keep(sessionId: string, reason: EndReason, caller: Caller): void {
    const known = over.get(sessionId)
    const isSame = known && known.caller.connection?.id === caller.connection?.id
    over.set(sessionId, { reason, caller, since: isSame ? known.since : now() })
    onDue(now() + again)
  }

  /** Nobody is shown a session as theirs that is over. */
  function hideOver(answer: object): object {
    const { session, sessions } = answer as Shown
    if (session && over.has(session.sessionId)) return { ...answer, session: null }
    if (!sessions) return answer
    return { ...answer, sessions: sessions.filter(({ sessionId }) => !over.has(sessionId)) }
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
        const answer = await handler(request as never, caller)
        return call === 'tap.identify' || call === 'agent.hello' ? hideOver(answer) : answer
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
          keep(request.sessionId, request.reason, caller)
          throw error
        }
      },
    },
  }
}
