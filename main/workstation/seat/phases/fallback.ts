import { countRefusal, ownerOf, remember, reportTwoBadges } from '../badge-rules.ts'
import type { PhaseEvent, SeatAnswer, SeatCall, SeatFailure, SeatTap } from '../events.ts'
import { goHome, startIdentifying } from '../moves.ts'
import { prepareProof } from '../proof.ts'
import { failureNotice } from '../sessions.ts'
import { stale } from '../stale.ts'
import { ask, identify, notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { Identified, PhaseOf, SeatFallback, SeatState } from '../types.ts'
import { entry } from './entry.ts'
import { declineRequest, expireWitness, witness } from './witness.ts'

type Fallback = PhaseOf<'fallback'>
type Form = Extract<SeatFallback, { step: 'form' }>

const show = (state: SeatState, phase: Fallback, stage: SeatFallback): SeatState => ({
  ...state,
  phase: { ...phase, stage },
})

/** Identity fallback (R19): who cannot prove themselves asks, and a second person vouches. */
export const fallback = (
  state: SeatState,
  phase: Fallback,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  if (phase.stage.step === 'witness') {
    const next = witness(state, phase, phase.stage, event, turn)
    if (next !== null) return next
  }
  switch (event.type) {
    case 'tap':
      return tapped(state, phase, event, turn)
    case 'call':
      return called(state, phase, event, turn)
    case 'answer':
    case 'failure':
      return answered(state, phase, event, turn) ?? stale(state, event, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return state
    case 'activity':
      return phase.stage.step === 'form'
        ? show(state, phase, { ...phase.stage, until: turn.now + patience.form })
        : state
    case 'machine.leaving':
    case 'workspace.opened':
      return state
  }
}

const tapped = (state: SeatState, phase: Fallback, tap: SeatTap, turn: Turn): SeatState => {
  switch (phase.stage.step) {
    case 'tap':
    case 'identifying':
      return show(state, phase, {
        step: 'identifying',
        request: identify(turn, tap, 'sign-in'),
        until: turn.now + patience.answer,
      })
    case 'form': {
      const { asked, person } = phase.stage
      if (asked !== null) return state
      // The requester's own new tap renews the first one; anyone else wants to sign in.
      return ownerOf(state, tap.badge) === person.personId
        ? show(state, phase, { ...phase.stage, renewing: identify(turn, tap, 'sign-in') })
        : startIdentifying(state, tap, phase.home, turn)
    }
    case 'witness':
      return state
  }
}

const called = (state: SeatState, phase: Fallback, call: SeatCall, turn: Turn): SeatState => {
  const { stage, home } = phase
  switch (call.name) {
    case 'shell.activity':
      return stage.step === 'form'
        ? show(state, phase, { ...stage, until: turn.now + patience.form })
        : state
    case 'signIn.cancel':
    case 'seat.back':
      if (stage.step === 'witness') declineRequest(stage.requestId, turn)
      return goHome(state, home, null, turn)
    case 'fallback.submit': {
      if (stage.step !== 'form' || stage.asked !== null) return notNow(state, turn)
      const { reason, note } = call.input
      const { tapId } = stage.person
      const request = ask(turn, 'fallback.request', { tapId, reason, note })
      return show(state, phase, {
        ...stage,
        refusal: null,
        asked: { request, reason, note },
        until: turn.now + patience.answer,
      })
    }
    default:
      if (stage.step === 'tap') return entry(state, call, { home, person: null }, turn)
      return stage.step === 'form' && stage.asked === null
        ? easierWay(state, home, stage.person, call, turn)
        : notNow(state, turn)
  }
}

/** The right ways in that the form offers beside itself (R13): the passkey again, or IT's code. */
const easierWay = (
  state: SeatState,
  home: Fallback['home'],
  person: Identified,
  call: SeatCall,
  turn: Turn,
): SeatState =>
  call.name === 'signIn.retry'
    ? {
        ...state,
        phase: {
          name: 'verifying',
          person,
          proof: prepareProof('sign-in', person.personId, turn),
          home,
          elsewhere: false,
          next: null,
        },
      }
    : entry(state, call, { home, person }, turn)

/** The answer that this stage waits for; `null` when it is not its own. */
const answered = (
  state: SeatState,
  phase: Fallback,
  event: SeatAnswer | SeatFailure,
  turn: Turn,
): SeatState | null => {
  const { stage, home } = phase
  if (stage.step === 'identifying' && stage.request === event.request) {
    if (event.type === 'failure') return goHome(state, home, failureNotice(event.code), turn)
    return event.call === 'tap.identify' ? identified(state, phase, event, turn) : null
  }
  if (stage.step !== 'form') return null
  if (stage.renewing !== null && stage.renewing === event.request)
    return renewed(state, phase, stage, event)
  if (stage.asked?.request !== event.request) return null
  if (event.type === 'failure') return goHome(state, home, failureNotice(event.code), turn)
  return event.call === 'fallback.request' ? requested(state, phase, stage, event, turn) : null
}

const identified = (
  state: SeatState,
  phase: Fallback,
  { value }: Extract<SeatAnswer, { call: 'tap.identify' }>,
  turn: Turn,
): SeatState => {
  const { lastTap } = state
  if (lastTap === null) return state
  if (value.outcome === 'refused')
    return goHome(
      countRefusal(state, lastTap.reader, turn),
      phase.home,
      { code: 'badge-refused' },
      turn,
    )
  const { personId, label, initials } = value.person
  const person = { personId, label, initials, tapId: lastTap.tapId, passkey: value.passkey }
  return show(remember(state, lastTap.badge, personId), phase, {
    step: 'form',
    person,
    refusal: null,
    renewing: null,
    asked: null,
    until: turn.now + patience.form,
  })
}

/** What was written stays; only the tap behind it is a new one. */
const renewed = (
  state: SeatState,
  phase: Fallback,
  form: Form,
  event: SeatAnswer | SeatFailure,
): SeatState => {
  const done = { ...form, renewing: null }
  if (event.type === 'failure' || event.call !== 'tap.identify' || state.lastTap === null)
    return show(state, phase, done)
  const { value } = event
  if (value.outcome === 'refused' || value.person.personId !== form.person.personId)
    return show(state, phase, done)
  const person = { ...form.person, tapId: state.lastTap.tapId }
  return show(state, phase, { ...done, person, refusal: null })
}

const requested = (
  state: SeatState,
  phase: Fallback,
  form: Form,
  { value }: Extract<SeatAnswer, { call: 'fallback.request' }>,
  turn: Turn,
): SeatState => {
  if (value.outcome === 'refused' || form.asked === null) {
    const refusal = value.outcome === 'refused' ? value.reason : null
    const until = turn.now + patience.form
    return show(state, phase, { ...form, asked: null, refusal, until })
  }
  return show(state, phase, {
    step: 'witness',
    requestId: value.requestId,
    person: form.person,
    reason: form.asked.reason,
    note: form.asked.note,
    until: value.expiresAt + state.authority.offset,
    identifying: null,
    witness: null,
    proof: null,
    refusal: null,
  })
}

export const expireFallback = (state: SeatState, phase: Fallback, turn: Turn): SeatState => {
  const { stage, home } = phase
  switch (stage.step) {
    case 'witness':
      return expireWitness(state, phase, stage, turn)
    case 'identifying':
      return goHome(state, home, { code: 'offline' }, turn)
    case 'form':
      return goHome(state, home, { code: stage.asked === null ? 'took-too-long' : 'offline' }, turn)
    case 'tap':
      return goHome(state, home, { code: 'took-too-long' }, turn)
  }
}
