import { forgetPerson } from '../badge-rules.ts'
import type { SeatAnswer, SeatCall, SeatFailure } from '../events.ts'
import { ownCards } from '../own-cards.ts'
import type { BadgesPanel } from '../panel-types.ts'
import {
  awaits,
  checkProof,
  expireProof,
  failProof,
  prepareProof,
  proofCallFailed,
  waitForProof,
} from '../proof.ts'
import { panelFailure, proofFailure, sessionOf } from '../sessions.ts'
import { ask } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { withPanel } from './with-panel.ts'

type Active = PhaseOf<'active'>

/** One's own cards: seen, reported lost, found again with a passkey, detached. */
export const openBadges = (state: SeatState, phase: Active, turn: Turn): SeatState =>
  withPanel(state, phase, {
    name: 'badges',
    request: ask(turn, 'badges.list', { sessionId: phase.sessionId }),
    badges: null,
    finding: null,
    failure: null,
  })

const listAnew = (state: SeatState, phase: Active, panel: BadgesPanel, turn: Turn): SeatState =>
  withPanel(state, phase, {
    ...panel,
    request: ask(turn, 'badges.list', { sessionId: phase.sessionId }),
    finding: null,
  })

export const badgesCall = (
  state: SeatState,
  phase: Active,
  panel: BadgesPanel,
  call: SeatCall,
  turn: Turn,
): SeatState | null => {
  const { sessionId } = phase
  const { finding } = panel
  // An assertion on its way must not be lost sight of.
  if (finding?.proof.step === 'checking') return null
  const prove = (proof: BadgesPanel['finding']) =>
    withPanel(state, phase, { ...panel, finding: proof, failure: null })
  switch (call.name) {
    case 'badges.lost':
    case 'badges.detach': {
      const card = panel.badges?.find(({ cardId }) => cardId === call.input.cardId)
      if (card === undefined || (call.name === 'badges.lost' && card.status === 'lost')) return null
      const { cardId } = card
      const request =
        call.name === 'badges.lost'
          ? ask(turn, 'badge.lost', { sessionId, cardId })
          : ask(turn, 'badge.detach', { sessionId, cardId })
      return withPanel(state, phase, { ...panel, request, finding: null, failure: null })
    }
    case 'badges.found': {
      const card = panel.badges?.find(({ cardId }) => cardId === call.input.cardId)
      return card?.status === 'lost' ? find(state, phase, panel, card.cardId, turn) : null
    }
    case 'signIn.retry':
      return finding?.proof.step === 'failed'
        ? find(state, phase, panel, finding.cardId, turn)
        : null
    case 'signIn.cancel':
      return finding === null ? null : prove(null)
    case 'passkey.fail':
      return finding?.proof.step === 'waiting' && finding.proof.ceremonyId === call.input.ceremonyId
        ? prove({ ...finding, proof: failProof(call.input.reason, turn) })
        : null
    case 'passkey.assert': {
      if (finding?.proof.step !== 'waiting') return null
      if (finding.proof.ceremonyId !== call.input.ceremonyId) return null
      const { cardId } = finding
      const request = ask(turn, 'badge.found', { sessionId, cardId, ...call.input })
      return prove({ cardId, proof: checkProof(request, turn) })
    }
    default:
      return null
  }
}

const find = (
  state: SeatState,
  phase: Active,
  panel: BadgesPanel,
  cardId: string,
  turn: Turn,
): SeatState | null => {
  const personId = sessionOf(state, phase.sessionId)?.view.person.personId
  if (personId === undefined) return null
  const proof = prepareProof('badge', personId, turn)
  return withPanel(state, phase, { ...panel, finding: { cardId, proof }, failure: null })
}

export const badgesAnswer = (
  state: SeatState,
  phase: Active,
  panel: BadgesPanel,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  const { finding } = panel
  if (finding !== null && awaits(finding.proof, event))
    return found(state, phase, panel, finding.cardId, event, turn)
  if (panel.request !== event.request) return null
  if (event.type === 'failure') {
    const failure = panelFailure(event.code)
    return withPanel(state, phase, { ...panel, request: null, failure })
  }
  if (event.call === 'badges.list') {
    const badges = ownCards(event.value.badges, state.authority.offset)
    return withPanel(state, phase, { ...panel, request: null, badges })
  }
  // The seat may know the badge of that card as the owner's; it asks about all of them again.
  const personId = sessionOf(state, phase.sessionId)?.view.person.personId
  const forgotten = personId === undefined ? state : forgetPerson(state, personId)
  return listAnew(forgotten, phase, panel, turn)
}

const found = (
  state: SeatState,
  phase: Active,
  panel: BadgesPanel,
  cardId: string,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  const prove = (proof: ReturnType<typeof failProof>) =>
    withPanel(state, phase, { ...panel, finding: { cardId, proof } })
  if (event.type === 'failure') return prove(proofCallFailed(event, turn))
  if (event.call === 'passkey.challenge') return prove(waitForProof(state, event.value))
  if (event.call !== 'badge.found') return null
  switch (event.value.outcome) {
    case 'refused':
      return prove(failProof(proofFailure(event.value.reason), turn))
    case 'found':
    // It was found, or detached, elsewhere meanwhile: the list says which.
    case 'not-lost':
      return listAnew(state, phase, panel, turn)
  }
}

export const badgesExpired = (
  state: SeatState,
  phase: Active,
  panel: BadgesPanel,
  turn: Turn,
): SeatState | null => {
  const { finding } = panel
  if (finding === null || finding.proof.until > turn.now) return null
  const proof = expireProof(finding.proof, turn)
  return withPanel(state, phase, {
    ...panel,
    finding: proof && { cardId: finding.cardId, proof },
  })
}
