import { countRefusal, remember } from '../badge-rules.ts'
import type { PhaseEvent, SeatAnswer, SeatCall, SeatFailure } from '../events.ts'
import { goHome, signedIn } from '../moves.ts'
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
import { ask, identify, tell } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { SeatProof } from '../panel-types.ts'
import type { PhaseOf, SeatFallback, SeatState } from '../types.ts'

type Fallback = PhaseOf<'fallback'>
type Witness = Extract<SeatFallback, { step: 'witness' }>

const show = (state: SeatState, phase: Fallback, stage: Witness): SeatState => ({
  ...state,
  phase: { ...phase, stage },
})

const nobody = { identifying: null, witness: null, proof: null } as const

export const declineRequest = (requestId: string, turn: Turn): void =>
  tell(turn, 'fallback.decline', { requestId })

/**
 * A request waits for its witness: a second person taps and proves it with their own passkey. They
 * approve and stay where they were; only the requester's session opens. `null`: not handled here.
 */
export const witness = (
  state: SeatState,
  phase: Fallback,
  stage: Witness,
  event: PhaseEvent,
  turn: Turn,
): SeatState | null => {
  switch (event.type) {
    case 'tap':
      // An approval on its way is not broken off by another badge.
      if (stage.proof?.step === 'checking') return state
      return show(state, phase, {
        ...stage,
        ...nobody,
        refusal: null,
        identifying: identify(turn, event, 'witness'),
      })
    case 'answer':
    case 'failure':
      if (stage.identifying !== null && stage.identifying === event.request)
        return identified(state, phase, stage, event, turn)
      return awaits(stage.proof, event) ? answered(state, phase, stage, event, turn) : null
    case 'call':
      return called(state, phase, stage, event, turn)
    case 'activity':
    case 'two-badges':
    case 'machine.leaving':
    case 'workspace.opened':
      return null
  }
}

const identified = (
  state: SeatState,
  phase: Fallback,
  stage: Witness,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState => {
  const { lastTap } = state
  const none = show(state, phase, { ...stage, ...nobody })
  if (lastTap === null || event.type === 'failure' || event.call !== 'tap.identify') return none
  const { reader, badge, tapId } = lastTap
  const { value } = event
  const signal = value.outcome === 'refused' ? 'refused' : 'accepted'
  turn.effects.push({ type: 'feedback', reader, signal })
  if (value.outcome === 'refused') return countRefusal(none, reader, turn)
  const { personId, label, initials } = value.person
  const known = remember(state, badge, personId)
  if (personId === stage.person.personId)
    return show(known, phase, { ...stage, ...nobody, refusal: 'same-person' })
  return show(known, phase, {
    ...stage,
    identifying: null,
    witness: { personId, label, initials, tapId, passkey: value.passkey },
    proof: value.passkey ? waitForProof(state, value.ceremony) : failProof('no-passkey', turn),
    refusal: null,
  })
}

const answered = (
  state: SeatState,
  phase: Fallback,
  stage: Witness,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState => {
  const proven = (proof: SeatProof) => show(state, phase, { ...stage, proof })
  if (event.type === 'failure') return proven(proofCallFailed(event, turn))
  if (event.call === 'passkey.challenge') return proven(waitForProof(state, event.value))
  if (event.call !== 'fallback.approve') return state
  switch (event.value.outcome) {
    case 'signed-in':
      return signedIn(state, event.value, phase.home, turn)
    case 'same-person':
      return show(state, phase, { ...stage, ...nobody, refusal: 'same-person' })
    case 'refused':
      return proven(failProof(proofFailure(event.value.reason), turn))
  }
}

const called = (
  state: SeatState,
  phase: Fallback,
  stage: Witness,
  call: SeatCall,
  turn: Turn,
): SeatState | null => {
  const { proof } = stage
  switch (call.name) {
    case 'passkey.assert': {
      if (proof?.step !== 'waiting' || proof.ceremonyId !== call.input.ceremonyId) return null
      const { requestId } = stage
      const request = ask(turn, 'fallback.approve', { requestId, ...call.input })
      return show(state, phase, { ...stage, proof: checkProof(request, turn) })
    }
    case 'passkey.fail':
      return proof?.step === 'waiting' && proof.ceremonyId === call.input.ceremonyId
        ? show(state, phase, { ...stage, proof: failProof(call.input.reason, turn) })
        : null
    case 'signIn.retry':
      return proof?.step === 'failed' && stage.witness !== null
        ? show(state, phase, {
            ...stage,
            proof: prepareProof('witness', stage.witness.personId, turn),
          })
        : null
    case 'signIn.cancel':
      // "Not you?" sends the witness away; the request itself stands.
      return stage.witness !== null && proof?.step !== 'checking'
        ? show(state, phase, { ...stage, ...nobody })
        : null
    case 'fallback.decline':
      declineRequest(stage.requestId, turn)
      return goHome(state, phase.home, { code: 'declined' }, turn)
    default:
      return null
  }
}

export const expireWitness = (
  state: SeatState,
  phase: Fallback,
  stage: Witness,
  turn: Turn,
): SeatState => {
  if (stage.until <= turn.now) return goHome(state, phase.home, { code: 'took-too-long' }, turn)
  if (stage.proof === null || stage.proof.until > turn.now) return state
  const proof = expireProof(stage.proof, turn)
  return proof === null
    ? show(state, phase, { ...stage, ...nobody })
    : show(state, phase, { ...stage, proof })
}

export const witnessUntil = ({ until, proof }: Witness): number =>
  proof === null ? until : Math.min(until, proof.until)
