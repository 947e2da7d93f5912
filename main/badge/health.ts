/** What the reader just did. */
export type HealthEvent =
  | { readonly type: 'answered'; readonly badge: string | null }
  /** A truncated, oversized or contradictory answer. */
  | { readonly type: 'malformed' }
  /** A request was refused by the system or the device. */
  | { readonly type: 'failed' }
  /** A request has waited so long that people at the screen should know. */
  | { readonly type: 'waiting' }

export type Health = 'ready' | 'silent' | 'babbling'

export interface HealthState {
  readonly health: Health
  readonly failures: number
  /** Monotonic ms of malformed answers inside the window. */
  readonly malformed: readonly number[]
  /** Different badges inside the window, each with the last time it was seen. */
  readonly badges: readonly { readonly badge: string; readonly at: number }[]
}

/** Nonsense counts, and calm is proven, over this many ms. */
const windowMs = 3_000
const malformedLimit = 8
/** More different badges in one window than any wallet holds. */
const badgeLimit = 5
const failureLimit = 3

export const initialHealth: HealthState = {
  health: 'ready',
  failures: 0,
  malformed: [],
  badges: [],
}

/**
 * One event further. Silent: three failures in a row or one long wait, until it answers. Babbling:
 * too much nonsense or too many badges within 3 s, until 3 s pass without either.
 */
export function judge(state: HealthState, event: HealthEvent, now: number): HealthState {
  const malformed = state.malformed.filter((at) => now - at < windowMs)
  if (event.type === 'malformed') malformed.push(now)
  const badges = state.badges.filter(({ at }) => now - at < windowMs)
  if (event.type === 'answered' && event.badge !== null) {
    const known = badges.findIndex(({ badge }) => badge === event.badge)
    if (known >= 0) badges.splice(known, 1)
    badges.push({ badge: event.badge, at: now })
  }
  const failures = event.type === 'failed' ? state.failures + 1 : 0
  return { health: verdict(state, event, failures, malformed, badges), failures, malformed, badges }
}

function verdict(
  state: HealthState,
  event: HealthEvent,
  failures: number,
  malformed: HealthState['malformed'],
  badges: HealthState['badges'],
): Health {
  if (event.type === 'waiting' || failures >= failureLimit) return 'silent'
  if (event.type === 'failed') return state.health
  if (malformed.length >= malformedLimit || badges.length >= badgeLimit) return 'babbling'
  const calm = malformed.length === 0 && badges.length <= 1
  return state.health === 'babbling' && !calm ? 'babbling' : 'ready'
}
