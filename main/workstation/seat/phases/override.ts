import type { SeatAnswer, SeatCall, SeatFailure } from '../events.ts'
import {
  awaits,
  checkProof,
  expireProof,
  failProof,
  prepareProof,
  proofCallFailed,
  waitForProof,
} from '../proof.ts'
import { relaunch } from '../relaunch.ts'
import { changeSession, proofFailure, sessionOf } from '../sessions.ts'
import { ask, tell } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { OverrideForm, SeatPanel } from '../panel-types.ts'
import type { PhaseOf, SeatState } from '../types.ts'

type Active = PhaseOf<'active'>
type Panel = Extract<SeatPanel, { name: 'override' }>

const show = (state: SeatState, phase: Active, panel: Panel): SeatState => ({
  ...state,
  phase: { ...phase, panel },
})

/** Breaking the glass in one's own session, for one patient, with a fresh proof (R19). */
export const overrideCall = (
  state: SeatState,
  phase: Active,
  call: SeatCall,
  turn: Turn,
): SeatState | null => {
  const panel = phase.panel?.name === 'override' ? phase.panel : null
  switch (call.name) {
    case 'override.open':
      return show(state, phase, { name: 'override', form: null, proof: null, refusal: null })
    case 'override.submit':
      return panel?.proof == null || panel.proof.step === 'failed'
        ? panel && askForProof(state, phase, call.input, turn)
        : null
    case 'override.end':
      return end(state, phase, turn)
    case 'signIn.retry':
      return panel?.form && panel.proof?.step === 'failed'
        ? askForProof(state, phase, panel.form, turn)
        : null
    case 'signIn.cancel':
      return panel?.proof && panel.proof.step !== 'checking'
        ? show(state, phase, { ...panel, proof: null })
        : null
    case 'passkey.fail':
      return panel?.proof?.step === 'waiting' && panel.proof.ceremonyId === call.input.ceremonyId
        ? show(state, phase, { ...panel, proof: failProof(call.input.reason, turn) })
        : null
    case 'passkey.assert': {
      if (panel?.form == null || panel.proof?.step !== 'waiting') return null
      if (panel.proof.ceremonyId !== call.input.ceremonyId) return null
      const { sessionId } = phase
      const request = ask(turn, 'override.start', { sessionId, ...panel.form, ...call.input })
      const asked = { ...state, overrideAsked: { request, sessionId } }
      return show(asked, phase, { ...panel, proof: checkProof(request, turn) })
    }
    default:
      return null
  }
}

const askForProof = (
  state: SeatState,
  phase: Active,
  { patient, reason, note }: OverrideForm,
  turn: Turn,
): SeatState | null => {
  const personId = sessionOf(state, phase.sessionId)?.view.person.personId
  if (personId === undefined) return null
  return show(state, phase, {
    name: 'override',
    form: { patient, reason, note },
    proof: prepareProof('override', personId, turn),
    refusal: null,
  })
}

const end = (state: SeatState, phase: Active, turn: Turn): SeatState | null => {
  const { sessionId } = phase
  const override = sessionOf(state, sessionId)?.view.override
  if (!override) return null
  tell(turn, 'override.end', { sessionId, overrideId: override.overrideId })
  return overrideOver(state, sessionId, override.overrideId, turn)
}

/** The grant is over: the applications start anew without it. */
export const overrideOver = (
  state: SeatState,
  sessionId: Active['sessionId'],
  overrideId: string,
  turn: Turn,
): SeatState => {
  if (sessionOf(state, sessionId)?.view.override?.overrideId !== overrideId) return state
  const without = changeSession(state, sessionId, (session) => ({
    ...session,
    view: { ...session.view, override: null },
  }))
  return relaunchAll(without, sessionId, turn)
}

/**
 * Patient and purpose come with the launch, so a changed grant needs a new one: of every
 * application, because two patients side by side is the mistake that must not happen.
 */
const relaunchAll = (state: SeatState, sessionId: Active['sessionId'], turn: Turn): SeatState =>
  relaunch(state, sessionId, () => true, turn)

/** The answer to an override, whatever is on the screen by then. */
export const overrideGranted = (
  state: SeatState,
  event: Extract<SeatAnswer, { call: 'override.start' }>,
  turn: Turn,
): SeatState => {
  const { overrideAsked } = state
  if (overrideAsked?.request !== event.request) return state
  const settled = { ...state, overrideAsked: null }
  if (event.value.outcome !== 'granted') return settled
  const { offset } = state.authority
  const { override } = event.value
  const granted = changeSession(settled, overrideAsked.sessionId, (session) => ({
    ...session,
    view: {
      ...session.view,
      override: {
        ...override,
        startedAt: override.startedAt + offset,
        endsAt: override.endsAt + offset,
      },
    },
  }))
  return relaunchAll(granted, overrideAsked.sessionId, turn)
}

export const overrideAnswer = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  if (!awaits(panel.proof, event)) return null
  if (event.type === 'failure')
    return show(state, phase, { ...panel, proof: proofCallFailed(event, turn) })
  if (event.call === 'passkey.challenge')
    return show(state, phase, { ...panel, proof: waitForProof(state, event.value) })
  if (event.call !== 'override.start') return null
  switch (event.value.outcome) {
    case 'granted':
      return { ...state, phase: { ...phase, panel: null } }
    case 'quota':
      return show(state, phase, { ...panel, proof: null, refusal: 'quota' })
    case 'refused': {
      const proof = failProof(proofFailure(event.value.reason), turn)
      return show(state, phase, { ...panel, proof })
    }
  }
}

export const overrideExpired = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  turn: Turn,
): SeatState | null =>
  panel.proof !== null && panel.proof.until <= turn.now
    ? show(state, phase, { ...panel, proof: expireProof(panel.proof, turn) })
    : null
