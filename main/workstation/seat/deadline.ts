import type { Policy } from '../../policy/settings.ts'
import { enrolmentUntil } from './enrolment.ts'
import { shieldAt, warnAt } from './idle.ts'
import { sessionOver, shield } from './moves.ts'
import { overrideOver } from './phases/override.ts'
import { expireActive } from './phases/active.ts'
import { expireEnrolling } from './phases/enrolling.ts'
import { expireFallback } from './phases/fallback.ts'
import { expireIdentifying } from './phases/identifying.ts'
import { expireOpening, expireSigningOut } from './phases/passing.ts'
import { panelUntil } from './phases/panels.ts'
import { expireResting } from './phases/resting.ts'
import { expireResuming } from './phases/resuming.ts'
import { expireVerifying } from './phases/verifying.ts'
import { witnessUntil } from './phases/witness.ts'
import { tell } from './turn.ts'
import type { Turn } from './turn.ts'
import type { Phase, SeatState } from './types.ts'

const soonest = (...times: readonly (number | null)[]): number | null => {
  const set = times.filter((time) => time !== null)
  return set.length === 0 ? null : Math.min(...set)
}

/** When this phase changes by itself; `null`: never. */
const phaseDeadline = (phase: Phase, policy: Policy): number | null => {
  switch (phase.name) {
    case 'starting':
    case 'fault':
      return null
    case 'locked':
      return phase.until
    case 'shielded':
      return soonest(phase.until, phase.graceUntil)
    case 'identifying':
    case 'resuming':
    case 'opening':
    case 'warning':
    case 'signing-out':
      return phase.until
    case 'verifying':
      return phase.proof.until
    case 'active': {
      const { banner, panel, lastActivity } = phase
      const notice = lastActivity + policy['shield.ownerNotice']
      return soonest(
        warnAt(lastActivity, policy),
        shieldAt(lastActivity, policy),
        banner === null && panel === null ? notice : null,
        banner === null || banner.code === 'owner' ? null : banner.until,
        panelUntil(phase),
      )
    }
    case 'fallback':
      return phase.stage.step === 'witness' ? witnessUntil(phase.stage) : phase.stage.until
    case 'enrolling':
      return enrolmentUntil(phase.enrolment)
  }
}

/** The next moment at which a `tick` changes something; the driver keeps one timer for it. */
export const nextDeadline = (state: SeatState, policy: Policy): number | null =>
  soonest(
    phaseDeadline(state.phase, policy),
    ...state.sessions.map(({ view }) => view.endsAt),
    ...state.sessions.map(({ view }) => view.override?.endsAt ?? null),
  )

/** Everything whose time is up happens now, before any event is looked at. */
export const expire = (before: SeatState, turn: Turn): SeatState => {
  let state = expireSessions(before, turn)
  for (;;) {
    const deadline = phaseDeadline(state.phase, turn.policy)
    if (deadline === null || deadline > turn.now) return state
    const next = expirePhase(state, turn)
    if (next === state) return state
    state = next
  }
}

const expirePhase = (state: SeatState, turn: Turn): SeatState => {
  const { phase } = state
  switch (phase.name) {
    case 'starting':
    case 'fault':
      return state
    case 'locked':
    case 'shielded':
      return expireResting(state, phase, turn)
    case 'identifying':
      return expireIdentifying(state, phase, turn)
    case 'resuming':
      return expireResuming(state, phase, turn)
    case 'verifying':
      return expireVerifying(state, phase, turn)
    case 'opening':
      return expireOpening(state, phase, turn)
    case 'active':
      return expireActive(state, phase, turn)
    case 'warning':
      return shield(state, phase.sessionId, 'inactivity', turn)
    case 'signing-out':
      return expireSigningOut(state, turn)
    case 'fallback':
      return expireFallback(state, phase, turn)
    case 'enrolling':
      return expireEnrolling(state, phase)
  }
}

/** Hard ends do not wait for the authority to say so. */
const expireSessions = (before: SeatState, turn: Turn): SeatState => {
  let state = before
  for (const { view } of before.sessions) {
    const { sessionId, kind, override } = view
    if (view.endsAt <= turn.now) {
      const reason = kind === 'fallback' ? 'emergency-over' : 'session-limit'
      tell(turn, 'session.end', { sessionId, reason })
      state = sessionOver(state, sessionId, reason, turn)
    } else if (override !== null && override.endsAt <= turn.now) {
      tell(turn, 'override.end', { sessionId, overrideId: override.overrideId })
      state = overrideOver(state, sessionId, override.overrideId, turn)
    }
  }
  return state
}
