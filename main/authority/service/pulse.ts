import { describeError } from '../../describe-error.ts'
import { StoreError } from '../../store/port.ts'
import { log } from '../log.ts'
import type { DatabaseTime } from './database-time.ts'
import type { DatabaseWatch } from './database-watch.ts'

/** How often the database is looked at, ms; nodes spread over half as much again. */
const beat = 2_000
/** After so long without an answer this node is not ready, ms. */
const missing = 5_000
/** Records must be in the tree after this, ms. */
const longestLag = 30_000

export interface Pulse {
  start(options: { readonly time: DatabaseTime; readonly now: () => number }): void
  /** What is wrong with the database as last seen. */
  trouble(): 'database' | 'log' | null
  /**
   * It cannot be reached at all, for so long that this node is not ready: a database that is only busy
   * would be so the more, if everybody were sent away and came back.
   */
  lost(): boolean
  readings(): {
    readonly databaseReachable: boolean
    readonly waiting: number
    /** Age of the oldest record that is not in the tree, ms. */
    readonly lag: number
  }
  stop(): void
}

export interface PulseOptions {
  readonly watch: Pick<DatabaseWatch, 'unsequenced'>
  readonly monotonic?: () => number
  /** Told with each look in vain while the database is lost. */
  readonly onLost?: () => void
  /** Further looks at the database, each beat; a failure is as if the database were away. */
  readonly looks?: readonly (() => Promise<unknown>)[]
}

/** Looks at the database in a steady beat: its time, and whether the log keeps up. */
export function createPulse({
  watch,
  monotonic = () => performance.now(),
  looks = [],
  onLost = () => {},
}: PulseOptions): Pulse {
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  let seenAt = -Infinity
  let away = false
  let unreachable = false
  let waiting = 0
  let lag = 0

  const isMissing = () => monotonic() - seenAt > missing
  const isLost = () => isMissing() && unreachable

  async function look(time: DatabaseTime, now: () => number): Promise<void> {
    try {
      await time.sync()
      const found = await watch.unsequenced()
      waiting = found.waiting
      lag = found.oldest === null ? 0 : Math.max(0, now() - found.oldest)
      for (const also of looks) await also()
      seenAt = monotonic()
      if (away) log('info', 'database-back')
      away = false
    } catch (error) {
      if (!away) log('error', 'database-away', describeError(error))
      away = true
      unreachable = error instanceof StoreError && error.code === 'unreachable'
      if (!stopped && isLost()) onLost()
    }
    if (stopped) return
    timer = setTimeout(() => void look(time, now), beat * (1 + Math.random() / 2))
  }

  return {
    start({ time, now }) {
      seenAt = monotonic()
      void look(time, now)
    },
    trouble() {
      if (isMissing()) return 'database'
      return lag > longestLag ? 'log' : null
    },
    lost: isLost,
    readings: () => ({ databaseReachable: !away, waiting, lag }),
    stop() {
      stopped = true
      if (timer) clearTimeout(timer)
    },
  }
}
