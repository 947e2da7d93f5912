/** Differences between wall clock and monotonic clock up to this are drift, not jumps, in ms. */
const tolerance = 5_000
/** Longer than any session, token or code lives, in ms: more than this ends nothing more. */
const longestLife = 25 * 3_600_000
/** The longest sleep that is believed, in ms: a wrong year must not take the log there for good. */
const longestSleep = 31 * 24 * 3_600_000

export interface ClockOptions {
  /** Wall clock, ms since the epoch. */
  readonly wall: () => number
  /** Monotonic clock, ms since any moment. */
  readonly monotonic: () => number
  /** Time of the newest record in the database; the clock never starts behind it. */
  readonly newestRecord: number
  /** Told when time has moved on by more than the monotonic clock says. */
  readonly onForward?: () => void
}

export interface Clock {
  /**
   * Trusted time, whole ms: anchored once at creation; it never goes back, and between any two
   * moments it moves on by at least what the monotonic clock does, and by at least what the wall
   * clock does less 5 s. (Beyond 25 h, which end everything, it may stay behind a wall clock that
   * leaps; and a wall clock that starts behind the log is believed once it has caught up.)
   */
  now(this: void): number
  /**
   * How far the wall clock has moved against the monotonic one since the last jump reported here, in
   * ms, positive for forward; null within the tolerance of 5 s. A wall clock that was behind the log
   * at the start is reported by the first call.
   */
  jump(this: void): number | null
}

/**
 * Whoever can set a workstation's clock must not revive a challenge or stretch a session, so the
 * wall clock is believed when it says that more time has passed and never when it says less. While
 * a machine sleeps its monotonic clock stands still (Linux, macOS): a wall clock that runs ahead of
 * it may mean that hours have passed, and limits have to count them.
 */
export function createClock({
  wall,
  monotonic,
  newestRecord,
  onForward = () => {},
}: ClockOptions): Clock {
  const startedAt = monotonic()
  const anchor = Math.max(Math.floor(wall()), newestRecord)
  const elapsed = () => Math.max(0, monotonic() - startedAt)
  const ahead = () => wall() - anchor - elapsed()
  let known = 0
  /** What the wall clock has added, and the lowest that it has been ahead since. */
  let slept = 0
  let lowest = 0
  let caughtUp = ahead() >= -1

  return {
    now() {
      const divergence = ahead()
      caughtUp ||= divergence >= -1
      if (caughtUp) {
        lowest = Math.min(lowest, divergence)
        const step = divergence - lowest
        if (step > tolerance) {
          // Up to what the wall clock says, or, after it was set back, as far as limits reach.
          const wanted = Math.max(divergence - slept, longestLife)
          slept += Math.min(step, wanted, longestSleep)
          lowest = divergence
          onForward()
        }
      }
      return anchor + Math.floor(elapsed() + slept)
    },
    jump() {
      const divergence = ahead()
      if (Math.abs(divergence - known) <= tolerance) return null
      const by = Math.round(divergence - known)
      known = divergence
      return by
    },
  }
}
