import type { PhaseEvent } from '../events.ts'
import { reportTwoBadges } from '../badge-rules.ts'
import { goHome, startIdentifying } from '../moves.ts'
import { stale } from '../stale.ts'
import type { Turn } from '../turn.ts'
import type { Home, PhaseOf, SeatState } from '../types.ts'
import { entry } from './entry.ts'

type Resting = PhaseOf<'locked'> | PhaseOf<'shielded'>

export const homeOf = (phase: Resting): Home =>
  phase.name === 'locked'
    ? { at: 'locked' }
    : { at: 'shield', sessionId: phase.sessionId, since: phase.since, by: null }

/** The lock screen and the shield: they wait for a tap, or for one of the ways around it. */
export const resting = (
  state: SeatState,
  phase: Resting,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  const home = homeOf(phase)
  switch (event.type) {
    case 'tap':
      return startIdentifying(state, event, home, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return goHome(state, home, { code: 'two-badges' }, turn)
    case 'call':
      if (event.name === 'seat.back') return goHome(state, home, null, turn)
      return entry(state, event, { home, person: null }, turn)
    case 'answer':
    case 'failure':
      return stale(state, event, turn)
    case 'activity':
    case 'workspace.opened':
    case 'machine.leaving':
      return state
  }
}

export const expireResting = (state: SeatState, phase: Resting, turn: Turn): SeatState =>
  phase.until !== null && phase.until <= turn.now
    ? goHome(state, homeOf(phase), null, turn)
    : goHome(state, homeOf(phase), phase.notice, turn)
