import type { Policy } from '../../policy/settings.ts'
import { changeSession, sessionOf } from './sessions.ts'
import { tell } from './turn.ts'
import type { Turn } from './turn.ts'
import { patience } from './types.ts'
import type { PhaseOf, SeatState } from './types.ts'

/** When the countdown starts. A countdown as long as the limit itself may take half of it. */
export const warnAfter = (policy: Policy): number => {
  const limit = policy['shield.inactivity']
  return limit - Math.min(policy['shield.countdown'], Math.floor(limit / 2))
}

export const warnAt = (lastActivity: number, policy: Policy): number =>
  lastActivity + warnAfter(policy)

export const shieldAt = (lastActivity: number, policy: Policy): number =>
  lastActivity + policy['shield.inactivity']

/** The person in front is working: the clocks start anew, and the authority hears of it. */
export const noteActivity = (state: SeatState, phase: PhaseOf<'active'>, turn: Turn): SeatState => {
  const banner = phase.banner?.code === 'owner' ? null : phase.banner
  const next = { ...state, phase: { ...phase, banner, lastActivity: turn.now } }
  const session = sessionOf(state, phase.sessionId)
  if (session === undefined || turn.now - session.activityToldAt < patience.activity) return next
  tell(turn, 'session.activity', { sessionId: phase.sessionId })
  return changeSession(next, phase.sessionId, (one) => ({ ...one, activityToldAt: turn.now }))
}
