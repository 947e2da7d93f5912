import { StoreError } from '../../store/port.ts'
import { type Caller, CallFailure, type Handlers } from '../context.ts'
import { LogFailure } from '../record.ts'
import type { Authenticate } from '../server/authentication.ts'
import { createBound } from '../server/bound.ts'
import { Overload } from '../server/overload.ts'

export interface CallMeter {
  /** One call, finished or given up; `outcome` is one of few words, never of a person. */
  finished(call: string, outcome: string, seconds: number): void
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

export interface CallGuard {
  handlers(handlers: Handlers): Handlers
  authenticate(authenticate: Authenticate): Authenticate
  /** Calls under way, those that were given up included. */
  readonly underWay: number
}

type AnyHandler = (request: unknown, caller: Caller) => Promise<unknown>

/** What ends or secures a session, and emergency access: these still get in where others do not. */
const urgent = /^(fallback|override)\.|^session\.(end|shield|secured|cleared)$|^authenticate$/
const urgentShare = 1.25
/**
 * Calls of one workstation at a time: an agent needs few, and whoever sends more, its calls waiting
 * for each other's lock, must leave the node to the others.
 */
const perWorkstation = { ordinary: 16, urgent: 32 } as const
/**
 * Kept although its caller was given up, because signing out always wins: none of these opens
 * anything. To know who calls, and that a proof was used, opens nothing either. Emergency access is
 * not among them: who was told no must not have it.
 */
const lasting = /^session\.(end|shield|secured|cleared)$|^override\.end$|^authenticate$/

/**
 * Bounds what a node does at a time and how long anybody waits for it: with a slow database it says
 * so instead of piling up. A call whose caller was given up keeps nothing, but for `lasting` ones.
 */
export function createCallGuard(options: GuardOptions): CallGuard {
  const { limit, answerWithin, meter, monotonic = () => performance.now() } = options
  const bound = createBound({ limit, answerWithin, onShed: (reason) => meter.shed(reason) })

  function guard<Parameters extends readonly unknown[], T>(
    call: string,
    work: (...parameters: Parameters) => Promise<T>,
  ): (...parameters: Parameters) => Promise<T> {
    const how = { share: urgent.test(call) ? urgentShare : 1, lasting: lasting.test(call) }
    return async (...parameters) => {
      const began = monotonic()
      const finished = (outcome: string) =>
        meter.finished(call, outcome, (monotonic() - began) / 1000)
      try {
        const value = await bound.run(() => work(...parameters), how)
        finished(outcomeOf(value))
        return value
      } catch (error) {
        finished(failureOf(error))
        throw error
      }
    }
  }

  const ofWorkstation = new Map<string, number>()

  /** Counted until the work ends, as its place in the node is. */
  function share(call: string, work: AnyHandler): AnyHandler {
    const most = urgent.test(call) ? perWorkstation.urgent : perWorkstation.ordinary
    return async (request, caller) => {
      const { id } = caller.workstation
      const underWay = ofWorkstation.get(id) ?? 0
      if (underWay >= most) {
        meter.shed('full')
        throw new Overload('workstation')
      }
      ofWorkstation.set(id, underWay + 1)
      try {
        return await work(request, caller)
      } finally {
        const left = (ofWorkstation.get(id) ?? 1) - 1
        if (left === 0) ofWorkstation.delete(id)
        else ofWorkstation.set(id, left)
      }
    }
  }

  return {
    handlers: (handlers) =>
      Object.fromEntries(
        Object.entries(handlers).map(([call, handler]) => [
          call,
          guard(call, share(call, handler as AnyHandler)),
        ]),
      ) as unknown as Handlers,
    authenticate: (authenticate) => guard('authenticate', authenticate),
    get underWay() {
      return bound.underWay
    },
  }
}

/** `outcome` is an enumeration in every answer that has one. */
function outcomeOf(value: unknown): string {
  if (value === null) return 'refused'
  const told = typeof value === 'object' && 'outcome' in value ? value.outcome : null
  return typeof told === 'string' ? told : 'ok'
}

function failureOf(error: unknown): string {
  if (error instanceof CallFailure || error instanceof LogFailure) return error.code
  if (error instanceof Overload) return 'store-busy'
  return error instanceof StoreError ? `store-${error.code}` : 'internal'
}
