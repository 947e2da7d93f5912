import { describeError } from '../../describe-error.ts'
import { padded } from '../in-lots.ts'
import { log } from '../log.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'

/** Connections that are forgotten in one statement. */
const atOnce = 256

export interface GoneConnections {
  /** It is closed. */
  add(connectionId: string): void
  /** Forgets those that could not be forgotten before. Never rejects. */
  forget(): Promise<void>
  /** Forgets all connections of this node at once; they must have been closed. Never rejects. */
  dispose(): Promise<void>
}

/** Forgets in the database what has closed: thousands at the same moment in a few writes. */
export function createGoneConnections(
  { unit }: Pick<Services, 'unit'>,
  nodeId: string,
): GoneConnections {
  /** Closed, and still in the database. */
  const gone = new Set<string>()
  let forgetting: Promise<void> | null = null
  /** Could not be forgotten the last time. */
  let resting = false
  let disposed = false

  function notForgotten(error: unknown): void {
    if (!resting)
      log('warn', 'connections-not-forgotten', { ...describeError(error), left: gone.size })
    resting = true
  }

  function forget(): Promise<void> {
    forgetting ??= forgetSome()
      .then(() => void (resting = false), notForgotten)
      .finally(() => (forgetting = null))
    return forgetting
  }

  async function forgetSome(): Promise<void> {
    while (gone.size > 0) {
      const some = [...gone].slice(0, atOnce)
      await unit(
        ({ tx }) =>
          tx
            .deleteFrom('workstation_connections')
            .where('connection_id', 'in', padded(some))
            .execute(),
        { isolation: 'read-committed' },
      )
      for (const id of some) gone.delete(id)
    }
  }

  return {
    add(connectionId) {
      if (disposed) return
      gone.add(connectionId)
      // After a failure only with each look.
      if (!resting) void forget()
    },
    forget,
    async dispose() {
      disposed = true
      gone.clear()
      await forgetting
      await unit(
        ({ tx }) =>
          tx.deleteFrom('workstation_connections').where('node_id', '=', nodeId).execute(),
        { ...takeReserve, isolation: 'read-committed' },
      ).catch(notForgotten)
    },
  }
}
