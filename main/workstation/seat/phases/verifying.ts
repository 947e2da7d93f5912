import { followsTap, reportTwoBadges } from '../badge-rules.ts'
import { beginEnrolment } from '../enrolment.ts'
import type { PhaseEvent, SeatAnswer, SeatCall } from '../events.ts'
import { goHome, signedIn, startIdentifying } from '../moves.ts'
import {
  awaits,
  checkProof,
  expireProof,
  failProof,
  prepareProof,
  proofCallFailed,
  waitForProof,
} from '../proof.ts'
import { proofFailure } from '../sessions.ts'
import { stale } from '../stale.ts'
import { ask, notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { SeatProof } from '../panel-types.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { entry } from './entry.ts'

type Verifying = PhaseOf<'verifying'>

const withProof = (state: SeatState, phase: Verifying, proof: SeatProof): SeatState => ({
  ...state,
  phase: { ...phase, proof },
})

/** The person in front of the seat proves who they are with a passkey. */
export const verifying = (
  state: SeatState,
  phase: Verifying,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'answer':
      return awaits(phase.proof, event)
        ? answered(state, phase, event, turn)
        : stale(state, event, turn)
    case 'failure':
      return awaits(phase.proof, event)
        ? withProof(state, phase, proofCallFailed(event, turn))
        : state
    case 'call':
      return called(state, phase, event, turn)
    case 'tap':
      return startIdentifying(state, event, phase.home, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      // Of two badges read together neither is a tap, so the ceremony that one began is off.
      return followsTap(state, turn) && phase.proof.step !== 'checking'
        ? goHome(state, phase.home, { code: 'two-badges' }, turn)
        : state
    case 'machine.leaving':
      return goHome(state, phase.home, null, turn)
    case 'activity':
    case 'workspace.opened':
      return state
  }
}

const answered = (state: SeatState, phase: Verifying, event: SeatAnswer, turn: Turn): SeatState => {
  if (event.call === 'passkey.challenge')
    return withProof(state, phase, waitForProof(state, event.value))
  if (event.call !== 'session.start') return state
  if (event.value.outcome === 'refused')
    return withProof(state, phase, failProof(proofFailure(event.value.reason), turn))
  const next = signedIn(state, event.value, phase.home, turn)
  if (phase.next !== 'enrolment' || next.phase.name !== 'active') return next
  const enrolment = beginEnrolment({ code: null, sessionId: next.phase.sessionId }, turn)
  return { ...next, phase: { ...next.phase, panel: { name: 'enrolment', enrolment } } }
}

const called = (state: SeatState, phase: Verifying, call: SeatCall, turn: Turn): SeatState => {
  const { proof, person, home } = phase
  switch (call.name) {
    case 'passkey.assert': {
      if (proof.step !== 'waiting' || proof.ceremonyId !== call.input.ceremonyId)
        return notNow(state, turn)
      return withProof(state, phase, checkProof(ask(turn, 'session.start', call.input), turn))
    }
    case 'passkey.fail':
      return proof.step === 'waiting' && proof.ceremonyId === call.input.ceremonyId
        ? withProof(state, phase, failProof(call.input.reason, turn))
        : notNow(state, turn)
    case 'signIn.retry': {
      if (proof.step !== 'failed') return notNow(state, turn)
      const purpose = phase.next === 'enrolment' ? 'enrol' : 'sign-in'
      return withProof(state, phase, prepareProof(purpose, person?.personId ?? null, turn))
    }
    case 'signIn.cancel':
    case 'seat.back':
      return goHome(state, home, null, turn)
    default:
      return entry(state, call, { home, person }, turn)
  }
}

export const expireVerifying = (state: SeatState, phase: Verifying, turn: Turn): SeatState => {
  const proof = expireProof(phase.proof, turn)
  return proof === null
    ? goHome(state, phase.home, { code: 'took-too-long' }, turn)
    : withProof(state, phase, proof)
}
