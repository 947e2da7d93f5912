import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { AuthorityClient } from '../authority/protocol/authority-client.ts'
import type { Call } from '../authority/protocol/procedures.ts'
import type { Timers } from './child-process.ts'
import type { Tell } from './seat/effects.ts'

/** More than a seat does in any outage worth the name; the oldest go first. */
const most = 500
/** After an answer that was none, while the connection stands, ms. */
const again = 5_000

type Code = AuthorityError['code']
type Client = Pick<AuthorityClient, 'call'>

/** Worth telling later: what is only true now is not repeated. */
const isLasting = (call: Call): boolean => call !== 'session.activity'

/** That a seat is covered waits behind nothing: somebody counts the seconds, and no order matters. */
const isUrgent = (call: Call): boolean => call === 'session.secured'

/** The authority could not take it now, and could later. */
const passing: ReadonlySet<Code> = new Set<Code>([
  'unreachable',
  'timeout',
  'store-busy',
  'store-full',
  'log-unavailable',
])

export interface OutboxOptions {
  readonly report: (call: Call, code: Code) => void
  readonly timers: Timers
}

/**
 * What the authority must hear, also when it could not at the time: in order, and again until it
 * did. Everything told has to bear being told twice, because an answer may be lost.
 */
export const createOutbox = ({ report, timers }: OutboxOptions) => {
  let waiting: Tell[] = []
  let flushing = false
  let retry: unknown = null

  const keep = (tell: Tell) => {
    if (isLasting(tell.call)) waiting = [...waiting, tell].slice(-most)
  }

  /** Whether the authority need not be told again. */
  const deliver = async (client: Client, { call, params }: Tell): Promise<boolean> => {
    try {
      await client.call(call, params)
      return true
    } catch (error) {
      const code = error instanceof AuthorityError ? error.code : 'internal'
      if (passing.has(code)) {
        // Without a connection the next one begins with everything that waits.
        if (code !== 'unreachable') tryAgain(client)
        return false
      }
      report(call, code)
      return true
    }
  }

  const tryAgain = (client: Client) => {
    retry ??= timers.setTimeout(() => {
      retry = null
      void flush(client)
    }, again)
  }

  const flush = async (client: Client): Promise<void> => {
    if (flushing) return
    flushing = true
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        if (!(await deliver(client, next))) return
        waiting = waiting.filter((tell) => tell !== next)
      }
    } finally {
      flushing = false
    }
  }

  return {
    async send(client: Client | null, tell: Tell): Promise<void> {
      const mustWait = waiting.length > 0 && isLasting(tell.call) && !isUrgent(tell.call)
      if (client === null || mustWait) return keep(tell)
      if (!(await deliver(client, tell))) keep(tell)
    },
    /** Connected again: everything that waited, in the order in which it happened. */
    flush,
    get size() {
      return waiting.length
    },
    dispose(): void {
      timers.clearTimeout(retry)
    },
  }
}
