import type { TimeSource } from '../start.ts'

/** A query that took longer says too little about the moment of its answer, ms. */
const longestTrip = 1_000

export interface DatabaseTimeOptions {
  /** Time of the database's machine, ms since the epoch. */
  readonly ask: () => Promise<number>
  /** ms since any moment, never goes back. */
  readonly monotonic?: () => number
}

export interface DatabaseTime extends TimeSource {
  /** Asks again; rejects as `ask` does, and time goes on as before. */
  sync(): Promise<void>
}

/**
 * The time of the database for every node: what a node's own wall clock says is never looked at.
 * Between two questions it goes on with the monotonic clock. Resolves after the first answer.
 */
export async function createDatabaseTime({
  ask,
  monotonic = () => performance.now(),
}: DatabaseTimeOptions): Promise<DatabaseTime> {
  let offset: number | null = null
  let shortest = Infinity

  async function sync(): Promise<void> {
    const before = monotonic()
    const time = await ask()
    const after = monotonic()
    const trip = after - before
    // At the start any answer is better than none; a slow one must not shift the clock later.
    if (offset !== null && trip > longestTrip && trip > shortest) return
    shortest = Math.min(shortest, trip)
    offset = time - (before + after) / 2
  }

  await sync()
  return { wall: () => monotonic() + (offset ?? 0), monotonic, sync }
}
