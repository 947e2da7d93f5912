import { StoreError } from '../../store/port.ts'
import { CallFailure, type Caller, type Handlers } from '../context.ts'
import type { Call } from '../protocol/index.ts'
import { LogFailure } from '../record.ts'
import { Overload } from '../server/overload.ts'

export interface CallMeter {
  /** One call, finished or given up; `outcome` is one of few words, never of a person. */
  finished(call: Call, outcome: string, seconds: number): void
  shed(reason: 'full' | 'slow'): void
}

export interface GuardOptions {
  /** Calls at a time; one more is refused at once. */
  readonly limit: number
  /** A caller hears `store-busy` after so long, ms; its call keeps its place until it ends. */
  readonly answerWithin: number
  readonly meter: CallMeter
  readonly monotonic?: () => number
}

export interface GuardedCalls {
  readonly handlers: Handlers
  /** Calls under way, those that were given up included. */
  readonly underWay: number
}

/** What ends or secures a session, and emergency access: these still get in where others do not. */
const urgent = /^(fallback|override)\.|^session\.(end|shield|secured|cleared)$/
const urgentShare = 1.25

/**
 * Bounds what a node does at a time and how long anybody waits for it: with a slow database it says
 * so instead of piling up.
 */
export function guardCalls(handlers: Handlers, options: GuardOptions): GuardedCalls {
  const { limit, answerWithin, meter, monotonic = () => performance.now() } = options
  let underWay = 0

  function guard(call: Call, handler: (request: never, caller: Caller) => Promise<unknown>) {
    const most = urgent.test(call) ? Math.ceil(limit * urgentShare) : limit
    return async (request: never, caller: Caller): Promise<unknown> => {
      if (underWay >= most) {
        meter.shed('full')
        meter.finished(call, 'store-busy', 0)
        throw new Overload('This node has as many calls as it takes.')
      }
      underWay += 1
      const began = monotonic()
      const seconds = () => (monotonic() - began) / 1000
      const { promise: late, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        meter.shed('slow')
        reject(new Overload('The database is slow; the call may still take place.'))
      }, answerWithin)
      const work = handler(request, caller).finally(() => {
        underWay -= 1
        clearTimeout(timer)
      })
      try {
        const value = await Promise.race([work, late])
        meter.finished(call, outcomeOf(value), seconds())
        return value
      } catch (error) {
        meter.finished(call, failureOf(error), seconds())
        throw error
      }
    }
  }

  const guarded = Object.entries(handlers).map(
    ([call, handler]) => [call, guard(call as Call, handler as never)] as const,
  )
  return {
    handlers: Object.fromEntries(guarded) as unknown as Handlers,
    get underWay() {
      return underWay
    },
  }
}

/** `outcome` is an enumeration in every answer that has one. */
function outcomeOf(value: unknown): string {
  const outcome = (value as { readonly outcome?: unknown } | undefined)?.outcome
  return typeof outcome === 'string' ? outcome : 'ok'
}

function failureOf(error: unknown): string {
  if (error instanceof CallFailure || error instanceof LogFailure) return error.code
  if (error instanceof Overload) return 'store-busy'
  return error instanceof StoreError ? `store-${error.code}` : 'internal'
}
