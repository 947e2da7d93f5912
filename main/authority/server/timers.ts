import { AsyncLocalStorage } from 'node:async_hooks'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'

/** The clock is looked at this often even when nothing is due, ms. */
const heartbeat = 30_000
/** After a failure, ms. */
const again = 1_000

export interface TimerOptions {
  readonly now: () => number
  /** Ends what is due; returns the time of the next end, or null. */
  readonly tick: () => Promise<number | null>
  /** Up to so much later, ms: nodes that know of the same end need not all go for it at once. */
  readonly jitter?: number
}

export interface Timers {
  /** Something ends at this time (ms). */
  due(at: number): void
  dispose(): Promise<void>
}

/** Calls `tick` when the next thing is due, not in a busy beat (R17). */
export function createTimers({ now, tick, jitter = 0 }: TimerOptions): Timers {
  // What is due is no part of the call that said so, nor of its deadline.
  const outside = AsyncLocalStorage.snapshot()
  let timer: NodeJS.Timeout | null = null
  let next = Infinity
  let running: Promise<void> | null = null
  let stopped = false

  function arm(at: number): void {
    if (stopped) return
    if (timer) clearTimeout(timer)
    next = at
    const wait = Math.max(1, Math.min(at - now(), heartbeat)) + Math.random() * jitter
    timer = setTimeout(() => outside(fire), wait)
  }

  async function run(): Promise<void> {
    let at: number | null
    try {
      at = await tick()
    } catch (error) {
      log('error', 'tick-failed', describeError(error))
      at = now() + again
    }
    running = null
    arm(Math.min(at ?? Infinity, next, now() + heartbeat))
  }

  function fire(): void {
    timer = null
    next = Infinity
    running = run()
  }

  arm(now())
  return {
    due(at) {
      if (at >= next) return
      // While a tick runs, its end arms the timer with the earlier of the two.
      if (running) next = at
      else arm(at)
    },
    async dispose() {
      stopped = true
      if (timer) clearTimeout(timer)
      await running
    },
  }
}
