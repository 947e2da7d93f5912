/** Monotonic milliseconds of this machine (CLOCK_MONOTONIC), comparable across its processes. */
export const monotonicNow = (): number => Number(process.hrtime.bigint() / 1000n) / 1000
