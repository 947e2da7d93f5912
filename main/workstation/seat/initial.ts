import type { Policy } from '../../policy/settings.ts'
import type { SeatState } from './types.ts'

/** A seat that knows nobody and shows nothing, until its authority answers. */
export const initialSeat = (policy: Policy, now: number): SeatState => ({
  phase: { name: 'starting' },
  copied: false,
  sessions: [],
  ended: [],
  slots: {
    free: Array.from({ length: policy['session.places'] }, (_, slot) => slot),
    next: policy['session.places'],
  },
  authority: { state: 'starting', since: now, offset: 0, alone: null },
  catalogue: [],
  readers: {},
  lastTap: null,
  known: [],
  refused: [],
  cooling: {},
  overrideAsked: null,
  locale: policy['screen.locale'],
  theme: policy['screen.theme'],
  counter: 0,
})
