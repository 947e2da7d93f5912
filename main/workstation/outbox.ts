import { AuthorityError } from '../authority/protocol/procedures.ts'
import type { AuthorityClient, Call } from '../authority/protocol/procedures.ts'
import type { Tell } from './seat/effects.ts'

/** More than a seat does in any outage worth the name; the oldest go first. */
const most = 500

/** Worth telling later: what is only true now is not repeated. */
const isLasting = (call: Call): boolean => call !== 'session.activity'

/** What the authority must hear, also when it could not be reached at the time. In order. */
export const createOutbox = (report: (call: Call, code: AuthorityError['code']) => void) => {
  let waiting: Tell[] = []

  const keep = (tell: Tell) => {
    if (isLasting(tell.call)) waiting = [...waiting, tell].slice(-most)
  }

  const send = async (client: Pick<AuthorityClient, 'call'> | null, tell: Tell) => {
    if (client === null) return keep(tell)
    try {
      await client.call(tell.call, tell.params)
    } catch (error) {
      const code = error instanceof AuthorityError ? error.code : 'internal'
      if (code === 'unreachable' || code === 'timeout') keep(tell)
      else report(tell.call, code)
    }
  }

  return {
    send,
    /** Connected again: everything that waited, in the order in which it happened. */
    async flush(client: Pick<AuthorityClient, 'call'>): Promise<void> {
      const due = waiting
      waiting = []
      for (const tell of due) await send(client, tell)
    },
    get size() {
      return waiting.length
    },
  }
}
