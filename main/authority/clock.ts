/** Differences between wall clock and monotonic clock up to this are drift, not jumps. */
const tolerance = 5_000

export interface ClockOptions {
  /** Wall clock, ms since the epoch. */
  readonly wall: () => number
  /** Monotonic clock, ms since any moment. */
  readonly monotonic: () => number
  /** Time of the newest record in the database; the clock never starts behind it. */
  readonly newestRecord: number
}

export interface Clock {
  /** Trusted time, whole ms: anchored once at creation, then monotonic; wall jumps change nothing. */
  now(this: void): number
  /**
   * How far the wall clock has moved against trusted time since the last jump reported here, in ms,
   * positive for forward; null within the tolerance of 5 s. A wall clock that was behind the log at
   * the start is reported by the first call.
   */
  jump(this: void): number | null
}

/**
 * Whoever can set a workstation's clock must not revive a challenge or stretch a session, so the
 * wall clock is believed once, and never when it says less than the log already does.
 */
export function createClock({ wall, monotonic, newestRecord }: ClockOptions): Clock {
  const startedAt = monotonic()
  const anchor = Math.max(Math.floor(wall()), newestRecord)
  const elapsed = () => Math.max(0, monotonic() - startedAt)
  let known = 0

  return {
    now: () => anchor + Math.floor(elapsed()),
    jump() {
      const divergence = wall() - anchor - elapsed()
      if (Math.abs(divergence - known) <= tolerance) return null
      const by = Math.round(divergence - known)
      known = divergence
      return by
    },
  }
}
