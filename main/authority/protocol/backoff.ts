export interface Backoff {
  /** The first wait after a connection was lost without notice, at most, ms. */
  readonly first: number
  /** No wait is longer, ms. */
  readonly longest: number
}

/** For an authority in the same machine: it is back as soon as its process is. */
export const localBackoff: Backoff = { first: 50, longest: 5_000 }
/** For a hospital's service: thousands of workstations lose a node at the same moment. */
export const serviceBackoff: Backoff = { first: 1_000, longest: 15_000 }

/** A server that says that it stops leaves others to go to, or is back at once. */
const leaving = new Set([1001, 1012])
/** Spread over this time even so, ms. */
const spread = 1_000

/**
 * How long to wait before the next attempt, ms. `attempts` have failed since the last success;
 * `closeCode` is of the connection that was lost just now (RFC 6455, 7.4.1). Half of a wait is
 * random, all of it after a notice: after a power cut a whole house reconnects at once.
 */
export function waitBefore(
  { attempts, closeCode }: { readonly attempts: number; readonly closeCode: number },
  { first, longest }: Backoff,
  random: number,
): number {
  if (attempts === 0 && leaving.has(closeCode)) return random * Math.min(spread, longest)
  const most = Math.min(longest, first * 2 ** Math.min(attempts, 16))
  return most / 2 + random * (most / 2)
}
