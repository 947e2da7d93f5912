/** Nobody has tapped here for so long that nobody is in the middle of something. */
const quietMs = 10 * 60_000
const quietFactor = 2

/**
 * How often a polled reader is asked. A reader that has seen no card for ten minutes is asked half
 * as often: it costs half, and the first tap after that is read 75 ms later on average.
 */
export const pollInterval = (pollMs: number, sinceCardMs: number): number =>
  sinceCardMs < quietMs ? pollMs : quietFactor * pollMs
