import { reportTwoBadges } from '../badge-rules.ts'
import { beginEnrolment, enrolmentUntil, expireEnrolment, stepEnrolment } from '../enrolment.ts'
import type { PhaseEvent, SeatCall } from '../events.ts'
import { goHome, startIdentifying } from '../moves.ts'
import { stale } from '../stale.ts'
import { notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { entry } from './entry.ts'

type Enrolling = PhaseOf<'enrolling'>

/** A first passkey before sign-in, with the code that IT handed out. */
export const enrolling = (
  state: SeatState,
  phase: Enrolling,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  const enrolment = stepEnrolment(phase.enrolment, event, turn)
  if (enrolment !== null) return { ...state, phase: { ...phase, enrolment } }
  switch (event.type) {
    case 'tap':
      // A ceremony in progress is not broken off by a badge.
      return enrolmentUntil(phase.enrolment) === null
        ? startIdentifying(state, event, phase.home, turn)
        : state
    case 'call':
      return called(state, phase, event, turn)
    case 'answer':
    case 'failure':
      return stale(state, event, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return state
    case 'activity':
    case 'machine.leaving':
    case 'workspace.opened':
      return state
  }
}

const called = (state: SeatState, phase: Enrolling, call: SeatCall, turn: Turn): SeatState => {
  const { enrolment, home } = phase
  switch (call.name) {
    case 'shell.activity':
      return state
    case 'seat.back':
    case 'signIn.cancel':
      return goHome(state, home, null, turn)
    case 'enrolment.begin': {
      const { code } = call.input
      if (code === null || enrolmentUntil(enrolment) !== null) return notNow(state, turn)
      return {
        ...state,
        phase: { ...phase, enrolment: beginEnrolment({ code, sessionId: null }, turn) },
      }
    }
    default:
      return entry(state, call, { home, person: null }, turn)
  }
}

export const expireEnrolling = (state: SeatState, phase: Enrolling): SeatState => ({
  ...state,
  phase: { ...phase, enrolment: expireEnrolment(phase.enrolment) },
})
