import { monotonicNow } from '../badge/reader-messages.ts'

/** A jump of the wall clock larger than this is reported; smaller ones are its ordinary drift. */
const jumpMs = 2_000

/**
 * The seat's clock: the wall clock of the start, moved on by the monotonic one, so that setting the
 * machine's time moves no deadline. `skew` leads from it to the wall clock that people read.
 */
export const createSeatClock = ({
  wall = Date.now,
  monotonic = monotonicNow,
}: {
  readonly wall?: () => number
  readonly monotonic?: () => number
} = {}) => {
  const start = wall() - monotonic()
  const now = () => Math.floor(start + monotonic())
  let skew = 0
  return {
    now,
    monotonic,
    get skew() {
      return skew
    },
    /** How far the wall clock jumped since the last look, in ms; 0 when it did not. */
    look(): number {
      const jumped = Math.round(wall() - now() - skew)
      if (Math.abs(jumped) < jumpMs) return 0
      skew += jumped
      return jumped
    },
  }
}

export type SeatClock = ReturnType<typeof createSeatClock>
