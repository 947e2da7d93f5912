import { uptime } from 'node:os'

/** More than clocks drift apart by themselves. */
const sleptMs = 1_000

/**
 * Tells that the machine slept since the last question: its uptime counts sleep, its monotonic clock
 * does not (Linux). Reports that waited through a sleep are no taps, and come before anybody has said
 * that the machine is back.
 */
export function createSleepWatch({
  now,
  uptimeMs = () => uptime() * 1000,
}: {
  /** Monotonic ms. */
  readonly now: () => number
  readonly uptimeMs?: () => number
}): () => boolean {
  let before = uptimeMs() - now()
  return () => {
    const apart = uptimeMs() - now()
    const slept = apart - before > sleptMs
    before = apart
    return slept
  }
}
