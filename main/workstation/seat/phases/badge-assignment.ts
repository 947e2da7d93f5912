import { remember } from '../badge-rules.ts'
import type { SeatAnswer, SeatCall, SeatFailure } from '../events.ts'
import type { BadgeChoice, BadgeEnrolmentPanel, SeatBadgeEnrolment } from '../panel-types.ts'
import {
  awaits,
  checkProof,
  failProof,
  prepareProof,
  proofCallFailed,
  waitForProof,
} from '../proof.ts'
import { proofFailure, sessionOf } from '../sessions.ts'
import { ask } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { withPanel } from './with-panel.ts'

type Active = PhaseOf<'active'>
type Panel = BadgeEnrolmentPanel
type Form = Extract<SeatBadgeEnrolment, { step: 'form' }>
type Proving = Extract<SeatBadgeEnrolment, { step: 'proof' }>

const show = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  enrolment: SeatBadgeEnrolment,
): SeatState => withPanel(state, phase, { ...panel, enrolment })

/** After two taps that agree: what the badge is called, then whose it becomes, with a passkey. */
export const assignmentCall = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  call: SeatCall,
  turn: Turn,
): SeatState | null => {
  const { enrolment } = panel
  if (enrolment.step === 'form')
    return call.name === 'badges.assign'
      ? assign(state, phase, panel, enrolment, call.input, turn)
      : null
  if (enrolment.step !== 'proof') return null
  const { begun, loanerOnly, choice, proof } = enrolment
  switch (call.name) {
    case 'signIn.retry':
      return proof.step === 'failed'
        ? prove(state, phase, panel, { step: 'form', begun, loanerOnly }, choice, turn)
        : null
    case 'signIn.cancel':
      return proof.step === 'checking'
        ? null
        : show(state, phase, panel, { step: 'form', begun, loanerOnly })
    case 'passkey.fail':
      return proof.step === 'waiting' && proof.ceremonyId === call.input.ceremonyId
        ? show(state, phase, panel, { ...enrolment, proof: failProof(call.input.reason, turn) })
        : null
    case 'passkey.assert': {
      if (proof.step !== 'waiting' || proof.ceremonyId !== call.input.ceremonyId) return null
      const { enrolmentId } = begun
      const { sameCard } = panel
      const params = { enrolmentId, sameCard, ...choice, ...call.input }
      const request = ask(turn, 'badge.assign', params)
      return show(state, phase, panel, { ...enrolment, proof: checkProof(request, turn) })
    }
    default:
      return null
  }
}

const assign = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  form: Form,
  wish: BadgeChoice,
  turn: Turn,
): SeatState | null => {
  const choice = chosen(panel, wish)
  if (choice === null) return null
  // Known beforehand: nobody is asked for a passkey that cannot help.
  if (form.loanerOnly && choice.kind === 'permanent')
    return show(state, phase, panel, { step: 'failed', failure: 'loaner-only' })
  return prove(state, phase, panel, form, choice, turn)
}

/** The second chip of a card is called what the card is; otherwise only one's own is replaced. */
const chosen = ({ cards, sameCard }: Panel, wish: BadgeChoice): BadgeChoice | null => {
  if (sameCard !== null) {
    const card = cards?.find(({ cardId }) => cardId === sameCard)
    return card === undefined ? null : { name: card.name, kind: card.kind, replaces: null }
  }
  const { name, kind, replaces } = wish
  const mayReplace = replaces === null || cards?.some(({ cardId }) => cardId === replaces)
  return mayReplace === true ? { name, kind, replaces } : null
}

const prove = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  { begun, loanerOnly }: Form,
  choice: BadgeChoice,
  turn: Turn,
): SeatState | null => {
  const personId = sessionOf(state, phase.sessionId)?.view.person.personId
  if (personId === undefined) return null
  const proof = prepareProof('badge', personId, turn)
  return show(state, phase, panel, { step: 'proof', begun, loanerOnly, choice, proof })
}

export const assignmentAnswer = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  enrolment: Proving,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  if (!awaits(enrolment.proof, event)) return null
  const proven = (proof: Proving['proof']) => show(state, phase, panel, { ...enrolment, proof })
  if (event.type === 'failure') return proven(proofCallFailed(event, turn))
  if (event.call === 'passkey.challenge') return proven(waitForProof(state, event.value))
  if (event.call !== 'badge.assign') return null
  const { value } = event
  switch (value.outcome) {
    case 'refused':
      return proven(failProof(proofFailure(value.reason), turn))
    case 'not-assigned':
      return show(state, phase, panel, { step: 'failed', failure: value.reason })
    case 'assigned': {
      const { kind, endsAt } = value.badge
      return show(known(state, phase, panel), phase, panel, {
        step: 'done',
        kind,
        endsAt: endsAt === null ? null : endsAt + state.authority.offset,
      })
    }
  }
}

/** The next tap of the new badge asks its owner "Lock now?", like that of any other of theirs. */
const known = (state: SeatState, { sessionId }: Active, { tapped }: Panel): SeatState => {
  const personId = sessionOf(state, sessionId)?.view.person.personId
  const badge = tapped.at(-1)
  return personId === undefined || badge === undefined ? state : remember(state, badge, personId)
}
