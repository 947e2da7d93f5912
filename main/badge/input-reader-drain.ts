/** Devices send within this time what they kept while nobody listened. */
export const drainMs = 50

/** A timer later than this says that the process was held up. */
const heldUpMs = 25

/**
 * Tells what was read before anyone listened from what is read now: `draining` is true for `ms`, and
 * longer when the process was held up, as what waits is then delivered after the time is over.
 */
export function createDrain({ now, ms = drainMs, ended = () => {} }: DrainOptions) {
  let timer: NodeJS.Timeout | null = null

  function start() {
    if (timer) clearTimeout(timer)
    const startedAt = now()
    timer = setTimeout(() => {
      timer = null
      if (now() - startedAt > ms + heldUpMs) start()
      else ended()
    }, ms)
  }

  return {
    get draining() {
      return timer !== null
    },
    start,
    stop() {
      if (timer) clearTimeout(timer)
      timer = null
    },
  }
}
export type Drain = ReturnType<typeof createDrain>

export interface DrainOptions {
  /** Monotonic ms. */
  readonly now: () => number
  readonly ms?: number
  readonly ended?: () => void
}
