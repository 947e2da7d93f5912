/** What one poll saw. `at`: when its last byte was read, monotonic ms. */
export interface Observation {
  readonly badge: string | null
  readonly at: number
}

export type PresenceEvent =
  | { readonly type: 'tap'; readonly badge: string; readonly at: number }
  | { readonly type: 'gone'; readonly at: number }
  | { readonly type: 'two-badges'; readonly at: number }

export interface PresenceOptions {
  /** The field must be empty this long before a badge counts as gone; two polls at least. */
  readonly holdMs: number
  /** The same badge is ignored this long after it left; coming back starts the time anew. */
  readonly debounceMs: number
}

interface Seen {
  readonly badge: string
  readonly at: number
}

export type PresenceState =
  /** After start or resync: what lies in the field was there before anyone listened. */
  | {
      readonly phase: 'unknown'
      /** A badge was reported whose departure was not. */
      readonly owesGone: boolean
      readonly emptySince: number | null
      readonly lastAt: number | null
    }
  | { readonly phase: 'absent'; readonly left: Seen | null; readonly lastAt: number }
  | {
      readonly phase: 'present'
      readonly badge: string
      readonly lastSeenAt: number
      /** The badge that lay here just before, for telling an exchange from two at once. */
      readonly before: Seen | null
      readonly emptySince: number | null
      readonly lastAt: number
    }
  /** Two badges were seen in turn: nothing counts until the field has been empty. */
  | { readonly phase: 'ambiguous'; readonly emptySince: number | null; readonly lastAt: number }

/** Two badges that take turns within this time lie in the field together. */
const alternationMs = 1_000
/** After a silence this long, what is seen next may be older than the silence. */
const staleMs = 2_000

export const initialPresence: PresenceState = {
  phase: 'unknown',
  owesGone: false,
  emptySince: null,
  lastAt: null,
}

/** What lies in the field now is no tap: after resume, unlock, or an answer that came too late. */
export const resync = (state: PresenceState): PresenceState => ({
  ...initialPresence,
  owesGone: state.phase === 'unknown' ? state.owesGone : state.phase !== 'absent',
})

/** The field was watched without a pause, and empty until `at`. */
export const stayedEmpty = (state: PresenceState, at: number): PresenceState =>
  state.phase === 'absent' ? { ...state, lastAt: Math.max(state.lastAt, at) } : state

interface Step {
  readonly state: PresenceState
  readonly events: readonly PresenceEvent[]
}

/**
 * One observation further. A badge counts once, when it appears; one that stays, flickers, or was
 * there at the start does not. `now` is when this is called: an observation older than 2 s, or the
 * first after 2 s of silence, is no tap.
 */
export function observe(
  state: PresenceState,
  observation: Observation,
  options: PresenceOptions,
  now: number,
): Step {
  const { badge, at } = observation
  const silence = state.lastAt === null ? 0 : at - state.lastAt
  const stale = now - at > staleMs || silence > staleMs || silence < 0
  const known = stale ? resync(state) : state
  return badge === null ? seeNothing(known, at, options) : seeBadge(known, { badge, at }, options)
}

function seeNothing(state: PresenceState, at: number, options: PresenceOptions): Step {
  if (state.phase === 'absent') return { state: { ...state, lastAt: at }, events: [] }
  const emptySince = state.emptySince ?? at
  const needed =
    state.phase === 'ambiguous' ? Math.max(options.holdMs, alternationMs) : options.holdMs
  // One empty poll is never enough: readers drop a badge for a moment.
  if (state.emptySince === null || at - emptySince < needed) {
    return { state: { ...state, emptySince, lastAt: at }, events: [] }
  }
  const left = state.phase === 'present' ? { badge: state.badge, at } : null
  const silent = state.phase === 'unknown' && !state.owesGone
  return {
    state: { phase: 'absent', left, lastAt: at },
    events: silent ? [] : [{ type: 'gone', at }],
  }
}

function seeBadge(state: PresenceState, seen: Seen, options: PresenceOptions): Step {
  const { badge, at } = seen
  switch (state.phase) {
    case 'unknown':
      return { state: lying(seen, null), events: [] }
    case 'absent': {
      const { left } = state
      if (left?.badge === badge && at - left.at < options.debounceMs) {
        return { state: lying(seen, null), events: [] }
      }
      return { state: lying(seen, left), events: [{ type: 'tap', badge, at }] }
    }
    case 'present': {
      const { before } = state
      if (state.badge === badge) return { state: lying(seen, before), events: [] }
      if (before?.badge === badge && at - before.at <= alternationMs) {
        return { state: together(at), events: [{ type: 'two-badges', at }] }
      }
      return {
        state: lying(seen, { badge: state.badge, at: state.lastSeenAt }),
        events: [{ type: 'tap', badge, at }],
      }
    }
    case 'ambiguous':
      return { state: together(at), events: [] }
  }
}

const lying = ({ badge, at }: Seen, before: Seen | null): PresenceState => ({
  phase: 'present',
  badge,
  lastSeenAt: at,
  before,
  emptySince: null,
  lastAt: at,
})

const together = (at: number): PresenceState => ({
  phase: 'ambiguous',
  emptySince: null,
  lastAt: at,
})
