import { reportTwoBadges } from '../badge-rules.ts'
import type { PhaseEvent } from '../events.ts'
import { goHome, resumed, signedIn, startIdentifying } from '../moves.ts'
import { prepareProof } from '../proof.ts'
import { callFailure, failureNotice } from '../sessions.ts'
import { stale } from '../stale.ts'
import { notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { PhaseOf, SeatState } from '../types.ts'

type Resuming = PhaseOf<'resuming'>

/** The owner's tap within the grace time: shown only once it is on record. */
export const resuming = (
  state: SeatState,
  phase: Resuming,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'answer':
      if (event.request !== phase.request) return stale(state, event, turn)
      if (event.call === 'session.take')
        return event.value.outcome === 'signed-in'
          ? signedIn(state, event.value, phase.home, turn)
          : verifyInstead(state, phase, turn)
      if (event.call !== 'session.resume') return stale(state, event, turn)
      return event.value.outcome === 'signed-in' &&
        event.value.session.sessionId === phase.sessionId
        ? resumed(state, event.value.session, turn)
        : verifyInstead(state, phase, turn)
    case 'failure':
      if (event.request !== phase.request) return state
      return callFailure(event.code) === 'refused'
        ? verifyInstead(state, phase, turn)
        : goHome(state, phase.home, failureNotice(event.code), turn)
    case 'tap':
      return startIdentifying(state, event, phase.home, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return goHome(state, phase.home, { code: 'two-badges' }, turn)
    case 'call':
      return event.name === 'signIn.cancel' || event.name === 'seat.back'
        ? goHome(state, phase.home, null, turn)
        : notNow(state, turn)
    case 'machine.leaving':
      return goHome(state, phase.home, null, turn)
    case 'activity':
    case 'workspace.opened':
      return state
  }
}

/** The authority saw it otherwise (grace over, session gone): a passkey settles it. */
const verifyInstead = (
  state: SeatState,
  { person, home, sessionId }: Resuming,
  turn: Turn,
): SeatState => ({
  ...state,
  phase: {
    name: 'verifying',
    person,
    proof: prepareProof('sign-in', person.personId, turn),
    home,
    elsewhere: sessionId === null,
    next: null,
  },
})

export const expireResuming = (state: SeatState, phase: Resuming, turn: Turn): SeatState =>
  goHome(state, phase.home, { code: 'offline' }, turn)
