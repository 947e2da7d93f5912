import type { SeatAnswer, SeatFailure, SeatTap } from '../events.ts'
import { mayAddBadges } from '../held-taps.ts'
import { ownCards } from '../own-cards.ts'
import type {
  BadgeEnrolmentPanel,
  BadgeFailure,
  HeldTap,
  SeatBadgeEnrolment,
} from '../panel-types.ts'
import { expireProof } from '../proof.ts'
import { panelFailure } from '../sessions.ts'
import { ask, askBadge } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { assignmentAnswer } from './badge-assignment.ts'
import { withPanel } from './with-panel.ts'

type Active = PhaseOf<'active'>
type Panel = BadgeEnrolmentPanel
type Checking = Extract<SeatBadgeEnrolment, { step: 'checking' }>

const show = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  enrolment: SeatBadgeEnrolment,
): SeatState => withPanel(state, phase, { ...panel, enrolment })

const failed = (failure: BadgeFailure): SeatBadgeEnrolment => ({ step: 'failed', failure })

/**
 * A badge for one's own account (R9): tapped twice, named, proven with a passkey. The tap that was
 * refused a moment ago, while its banner shows, is the first of the two.
 */
export const addBadge = (
  state: SeatState,
  phase: Active,
  card: string | null,
  turn: Turn,
): SeatState | null => {
  const { panel: open, sessionId, banner } = phase
  if (open?.name === 'badge-enrolment' && isUnderway(open.enrolment)) return null
  const sameCard = card ?? cardAgain(open)
  const cards = open?.name === 'badges' && open.failure === null ? open.badges : null
  const tap = banner?.code === 'badge-refused' ? banner.tap : null
  const blank: Panel = {
    name: 'badge-enrolment',
    sameCard,
    cards,
    listing: null,
    tapped: [],
    enrolment: { step: 'first-tap', until: turn.now + patience.form },
  }
  const bare: Active = { ...phase, banner: banner?.code === 'badge-refused' ? null : banner }
  if (!mayAddBadges(state, sessionId)) return show(state, bare, blank, failed('emergency'))
  if (cards !== null && !isOwn(cards, sameCard))
    return show(state, bare, blank, failed('not-found'))
  const listing = cards === null ? ask(turn, 'badges.list', { sessionId }) : null
  const panel = { ...blank, listing }
  return tap === null ? withPanel(state, bare, panel) : firstTap(state, bare, panel, tap, turn)
}

/** Once more after a failure is about the same card, unless that is what failed. */
const cardAgain = (open: Active['panel']): string | null =>
  open?.name === 'badge-enrolment' &&
  open.enrolment.step === 'failed' &&
  open.enrolment.failure !== 'not-found'
    ? open.sameCard
    : null

const isOwn = (cards: Panel['cards'], sameCard: string | null): boolean =>
  sameCard === null || cards?.some(({ cardId }) => cardId === sameCard) === true

/** Something was asked of the authority that must not be lost sight of. */
export const isUnderway = (enrolment: SeatBadgeEnrolment): boolean =>
  enrolment.step === 'checking' ||
  (enrolment.step === 'proof' && enrolment.proof.step === 'checking')

const firstTap = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  { tapId, reader, badge }: HeldTap,
  turn: Turn,
): SeatState => {
  const { sessionId } = phase
  const request = askBadge(turn, 'badge.begin', tapId, { sessionId, tapId })
  return withPanel(state, phase, {
    ...panel,
    tapped: [badge],
    enrolment: {
      step: 'checking',
      request,
      reader,
      begun: null,
      until: turn.now + patience.answer,
    },
  })
}

/**
 * Taps that are the enrolment's: those it waits for, any while it asks about one, and later those of
 * badges that were tapped here. Whoever else's they may be, they open, cover and lock nothing.
 * `null`: not the enrolment's.
 */
export const enrolmentTap = (state: SeatState, tap: SeatTap, turn: Turn): SeatState | null => {
  const { phase } = state
  if (phase.name !== 'active' || phase.panel?.name !== 'badge-enrolment') return null
  const { panel } = phase
  const { enrolment } = panel
  switch (enrolment.step) {
    case 'first-tap':
      return firstTap(state, phase, panel, tap, turn)
    case 'second-tap': {
      const { tapId, reader, badge } = tap
      const { begun } = enrolment
      const { enrolmentId } = begun
      const request = askBadge(turn, 'badge.confirm', tapId, { enrolmentId, tapId })
      const until = turn.now + patience.answer
      return withPanel(state, phase, {
        ...panel,
        tapped: [...panel.tapped, badge],
        enrolment: { step: 'checking', request, reader, begun, until },
      })
    }
    case 'checking':
      return state
    case 'form':
    case 'proof':
    case 'done':
    case 'failed':
      return panel.tapped.includes(tap.badge) ? state : null
  }
}

/** Of two badges read together neither is the one to add. `null`: no tap is awaited. */
export const enrolmentTwoBadges = (state: SeatState, phase: Active): SeatState | null => {
  const { panel } = phase
  if (panel?.name !== 'badge-enrolment') return null
  const { step } = panel.enrolment
  return step === 'first-tap' || step === 'second-tap'
    ? show(state, phase, panel, failed('two-badges'))
    : null
}

export const badgeEnrolmentAnswer = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  const { enrolment } = panel
  if (panel.listing === event.request) return listed(state, phase, panel, event)
  if (enrolment.step === 'proof')
    return assignmentAnswer(state, phase, panel, enrolment, event, turn)
  if (enrolment.step !== 'checking' || enrolment.request !== event.request) return null
  const next = checked(state, enrolment, event, turn)
  if (next === null) return null
  const signal = next.step === 'failed' ? 'refused' : 'accepted'
  turn.effects.push({ type: 'feedback', reader: enrolment.reader, signal })
  return show(state, phase, panel, next)
}

const checked = (
  state: SeatState,
  { begun }: Checking,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatBadgeEnrolment | null => {
  if (event.type === 'failure') return failed(tapFailure(event.code))
  if (event.call === 'badge.begin') {
    const { value } = event
    if (value.outcome === 'refused') return failed(value.reason)
    const { enrolmentId } = value
    const expiresAt = value.expiresAt + state.authority.offset
    return { step: 'second-tap', begun: { enrolmentId, expiresAt } }
  }
  if (event.call !== 'badge.confirm' || begun === null) return null
  const { value } = event
  if (value.outcome === 'refused') return failed(value.reason)
  // The end that was told is that of the second tap; from here on it is a form.
  const expiresAt = turn.now + patience.form
  return { step: 'form', begun: { ...begun, expiresAt }, loanerOnly: value.loanerOnly }
}

/** Gone on the authority's side: it begins anew. */
const tapFailure = (code: SeatFailure['code']): BadgeFailure =>
  code === 'not-found' || code === 'conflict' ? 'expired' : panelFailure(code)

/** The second chip of a card needs that card's name; without the list the form just offers less. */
const listed = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  event: SeatAnswer | SeatFailure,
): SeatState | null => {
  const settled = { ...panel, listing: null }
  if (panel.enrolment.step === 'failed') return withPanel(state, phase, settled)
  if (event.type === 'failure')
    return panel.sameCard === null
      ? withPanel(state, phase, { ...settled, cards: [] })
      : show(state, phase, settled, failed(panelFailure(event.code)))
  if (event.call !== 'badges.list') return null
  const cards = ownCards(event.value.badges, state.authority.offset)
  return isOwn(cards, panel.sameCard)
    ? withPanel(state, phase, { ...settled, cards })
    : show(state, phase, settled, failed('not-found'))
}

/** When the enrolment changes by itself; `null`: never. */
export const badgeEnrolmentUntil = ({ enrolment }: Panel): number | null => {
  switch (enrolment.step) {
    case 'first-tap':
    case 'checking':
      return enrolment.until
    case 'second-tap':
    case 'form':
      return enrolment.begun.expiresAt
    case 'proof':
      return enrolment.proof.until
    case 'done':
    case 'failed':
      return null
  }
}

export const badgeEnrolmentExpired = (
  state: SeatState,
  phase: Active,
  panel: Panel,
  turn: Turn,
): SeatState | null => {
  const { enrolment } = panel
  const until = badgeEnrolmentUntil(panel)
  if (until === null || until > turn.now) return null
  switch (enrolment.step) {
    case 'first-tap':
    case 'second-tap':
    case 'form':
      return show(state, phase, panel, failed('expired'))
    case 'checking':
      return show(state, phase, panel, failed('offline'))
    case 'proof': {
      const proof = expireProof(enrolment.proof, turn)
      const { begun, loanerOnly } = enrolment
      return show(
        state,
        phase,
        panel,
        proof === null ? { step: 'form', begun, loanerOnly } : { ...enrolment, proof },
      )
    }
    case 'done':
    case 'failed':
      return null
  }
}
