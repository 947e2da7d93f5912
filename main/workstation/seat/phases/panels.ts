import { beginEnrolment, enrolmentUntil, expireEnrolment, stepEnrolment } from '../enrolment.ts'
import type { PhaseEvent, SeatAnswer, SeatCall, SeatFailure } from '../events.ts'
import { prepareProof } from '../proof.ts'
import { sessionOf } from '../sessions.ts'
import { ask, tell } from '../turn.ts'
import type { Turn } from '../turn.ts'
import type { SeatPanel } from '../panel-types.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { assignmentCall } from './badge-assignment.ts'
import {
  addBadge,
  badgeEnrolmentAnswer,
  badgeEnrolmentExpired,
  badgeEnrolmentUntil,
  isUnderway,
} from './badge-enrolment.ts'
import { badgesAnswer, badgesCall, badgesExpired, openBadges } from './badges.ts'
import { overrideAnswer, overrideCall, overrideExpired } from './override.ts'
import {
  openReaders,
  readersAnswer,
  readersExpired,
  readersUntil,
  revealReaders,
} from './readers.ts'
import { withPanel } from './with-panel.ts'

type Active = PhaseOf<'active'>

/** What one does in one's own session besides working. `null`: the call fits nothing here. */
export const panelCall = (
  state: SeatState,
  phase: Active,
  call: SeatCall,
  turn: Turn,
): SeatState | null => {
  const { sessionId, panel } = phase
  switch (call.name) {
    case 'seat.back':
      // A new passkey is seen among the others before the panel closes.
      if (panel?.name === 'enrolment' && panel.enrolment.step === 'done')
        return openPasskeys(state, phase, turn)
      if (panel?.name === 'badge-enrolment' && panel.enrolment.step === 'done')
        return openBadges(state, phase, turn)
      return mustStay(panel) ? null : withPanel(state, phase, null)
    case 'passkeys.open':
      return openPasskeys(state, phase, turn)
    case 'passkeys.revoke':
      return panel?.name === 'passkeys'
        ? withPanel(state, phase, {
            ...panel,
            request: ask(turn, 'passkeys.revoke', { sessionId, ...call.input }),
          })
        : null
    case 'reviews.open':
      return withPanel(state, phase, {
        name: 'reviews',
        request: ask(turn, 'review.list', { sessionId }),
        cases: null,
        failure: null,
      })
    case 'reviews.decide':
      return panel?.name === 'reviews'
        ? withPanel(state, phase, {
            ...panel,
            request: ask(turn, 'review.decide', { sessionId, ...call.input }),
          })
        : null
    case 'enrolment.open':
    case 'enrolment.begin':
      return beginInSession(state, phase, call, turn)
    case 'override.open':
    case 'override.end':
      return overrideCall(state, phase, call, turn)
    case 'badges.open':
      return mustStay(panel) ? null : openBadges(state, phase, turn)
    case 'badges.add':
      return addBadge(state, phase, call.input.sameCard, turn)
    case 'readers.open':
      return mustStay(panel) ? null : openReaders(state, phase, turn)
    case 'readers.reveal':
      return panel?.name === 'readers'
        ? revealReaders(state, phase, panel, call.input.reveal, turn)
        : null
    default:
      return ownCall(state, phase, call, turn)
  }
}

/** A grant or a badge on its way must not be lost sight of. */
const mustStay = (panel: SeatPanel | null): boolean =>
  (panel?.name === 'override' && panel.proof?.step === 'checking') ||
  (panel?.name === 'badges' && panel.finding?.proof.step === 'checking') ||
  (panel?.name === 'badge-enrolment' && isUnderway(panel.enrolment))

/** What means something to the open panel only. */
const ownCall = (state: SeatState, phase: Active, call: SeatCall, turn: Turn): SeatState | null => {
  const { panel } = phase
  switch (panel?.name) {
    case 'badges':
      return badgesCall(state, phase, panel, call, turn)
    case 'badge-enrolment':
      return assignmentCall(state, phase, panel, call, turn)
    case 'enrolment': {
      if (call.name === 'signIn.retry') return verifyForEnrolment(state, phase, turn)
      const enrolment = stepEnrolment(panel.enrolment, call, turn)
      return enrolment === null ? null : withPanel(state, phase, { name: 'enrolment', enrolment })
    }
    case undefined:
    case 'override':
    case 'passkeys':
    case 'reviews':
    case 'readers':
      return overrideCall(state, phase, call, turn)
  }
}

const openPasskeys = (state: SeatState, phase: Active, turn: Turn): SeatState =>
  withPanel(state, phase, {
    name: 'passkeys',
    request: ask(turn, 'passkeys.list', { sessionId: phase.sessionId }),
    passkeys: null,
  })

const beginInSession = (
  state: SeatState,
  phase: Active,
  call: Extract<SeatCall, { name: 'enrolment.open' | 'enrolment.begin' }>,
  turn: Turn,
): SeatState | null => {
  // A code is for somebody who cannot sign in yet; here the session says whose passkey it is.
  if (call.name === 'enrolment.begin' && call.input.code !== null) return null
  const { panel, sessionId } = phase
  if (panel?.name === 'enrolment' && enrolmentUntil(panel.enrolment) !== null) return state
  const enrolment = beginEnrolment({ code: null, sessionId }, turn)
  return withPanel(state, phase, { name: 'enrolment', enrolment })
}

/** The last proof is too old for a new passkey: the owner proves it again, behind the shield. */
const verifyForEnrolment = (state: SeatState, phase: Active, turn: Turn): SeatState | null => {
  const { panel, sessionId } = phase
  const person = sessionOf(state, sessionId)?.view.person
  if (panel?.name !== 'enrolment' || panel.enrolment.step !== 'failed' || person === undefined)
    return null
  const { personId, label, initials } = person
  tell(turn, 'session.shield', { sessionId, reason: 'lock' })
  return {
    ...state,
    phase: {
      name: 'verifying',
      person: { personId, label, initials, tapId: '', passkey: true },
      proof: prepareProof('enrol', personId, turn),
      home: { at: 'shield', sessionId, since: turn.now, by: null },
      elsewhere: false,
      next: 'enrolment',
    },
  }
}

/** Answers that an open panel waits for. `null`: not this panel's business. */
export const panelAnswer = (
  state: SeatState,
  phase: Active,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  const { panel } = phase
  switch (panel?.name) {
    case undefined:
      return null
    case 'override':
      return overrideAnswer(state, phase, panel, event, turn)
    case 'enrolment': {
      const enrolment = stepEnrolment(panel.enrolment, event satisfies PhaseEvent, turn)
      return enrolment === null ? null : withPanel(state, phase, { name: 'enrolment', enrolment })
    }
    case 'badges':
      return badgesAnswer(state, phase, panel, event, turn)
    case 'badge-enrolment':
      return badgeEnrolmentAnswer(state, phase, panel, event, turn)
    case 'readers':
      return readersAnswer(state, phase, panel, event)
    case 'passkeys':
      return event.request === panel.request ? passkeys(state, phase, panel, event, turn) : null
    case 'reviews':
      return event.request === panel.request ? reviews(state, phase, panel, event, turn) : null
  }
}

const passkeys = (
  state: SeatState,
  phase: Active,
  panel: Extract<SeatPanel, { name: 'passkeys' }>,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState => {
  if (event.type === 'failure') return withPanel(state, phase, { ...panel, passkeys: [] })
  if (event.call === 'passkeys.list')
    return withPanel(state, phase, { ...panel, passkeys: event.value.passkeys })
  const request = ask(turn, 'passkeys.list', { sessionId: phase.sessionId })
  return withPanel(state, phase, { ...panel, request })
}

const reviews = (
  state: SeatState,
  phase: Active,
  panel: Extract<SeatPanel, { name: 'reviews' }>,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState => {
  if (event.type === 'failure') return withPanel(state, phase, { ...panel, cases: [] })
  if (event.call === 'review.list')
    return withPanel(
      state,
      phase,
      event.value.outcome === 'listed'
        ? { ...panel, cases: event.value.cases }
        : { ...panel, cases: [], failure: 'not-a-reviewer' },
    )
  if (event.call !== 'review.decide') return state
  const { outcome } = event.value
  const request = ask(turn, 'review.list', { sessionId: phase.sessionId })
  const failure = outcome === 'decided' ? null : outcome
  return withPanel(state, phase, { ...panel, request, failure })
}

/** What an open panel does by itself when its time is up; `null`: nothing yet. */
export const panelExpired = (state: SeatState, phase: Active, turn: Turn): SeatState | null => {
  const { panel } = phase
  switch (panel?.name) {
    case undefined:
    case 'passkeys':
    case 'reviews':
      return null
    case 'override':
      return overrideExpired(state, phase, panel, turn)
    case 'badges':
      return badgesExpired(state, phase, panel, turn)
    case 'badge-enrolment':
      return badgeEnrolmentExpired(state, phase, panel, turn)
    case 'readers':
      return readersExpired(state, phase, panel, turn)
    case 'enrolment': {
      const until = enrolmentUntil(panel.enrolment)
      if (until === null || until > turn.now) return null
      const enrolment = expireEnrolment(panel.enrolment)
      return withPanel(state, phase, { name: 'enrolment', enrolment })
    }
  }
}

/** When an open panel does so; `null`: never. */
export const panelUntil = (phase: Active): number | null => {
  const { panel } = phase
  switch (panel?.name) {
    case undefined:
    case 'passkeys':
    case 'reviews':
      return null
    case 'override':
      return panel.proof?.until ?? null
    case 'badges':
      return panel.finding?.proof.until ?? null
    case 'badge-enrolment':
      return badgeEnrolmentUntil(panel)
    case 'readers':
      return readersUntil(panel, phase)
    case 'enrolment':
      return enrolmentUntil(panel.enrolment)
  }
}
