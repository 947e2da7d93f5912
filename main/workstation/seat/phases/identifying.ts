import type { Response } from '../../../authority/protocol/procedures.ts'
import { countRefusal, forget, isCooling, remember, reportTwoBadges } from '../badge-rules.ts'
import type { PhaseEvent } from '../events.ts'
import { heldTaps } from '../held-taps.ts'
import { goBack, goHome, putAside, shield, startIdentifying } from '../moves.ts'
import { failProof, waitForProof } from '../proof.ts'
import { failureNotice, hasRoom, sessionOf, sessionOfPerson } from '../sessions.ts'
import { stale } from '../stale.ts'
import { ask, notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { Home, Identified, PhaseOf, SeatState } from '../types.ts'

type Identifying = PhaseOf<'identifying'>
type Answer = Extract<Response<'tap.identify'>, { outcome: 'identified' }>

/** A badge was read; whose it is, is being asked. What was on the screen is covered meanwhile. */
export const identifying = (
  state: SeatState,
  phase: Identifying,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'answer':
      if (event.call !== 'tap.identify' || event.request !== phase.request)
        return stale(state, event, turn)
      return event.value.outcome === 'refused'
        ? refused(state, phase, turn)
        : identified(state, phase, event.value, turn)
    case 'failure':
      if (event.request !== phase.request) return state
      turn.effects.push({ type: 'feedback', reader: phase.reader, signal: 'refused' })
      return goBack(state, phase.from, { notice: failureNotice(event.code), banner: null }, turn)
    case 'tap':
      return startIdentifying(state, event, phase.from, turn)
    case 'two-badges': {
      reportTwoBadges(turn)
      const until = turn.now + patience.banner
      const news = {
        notice: { code: 'two-badges' },
        banner: { code: 'two-badges', until },
      } as const
      return goBack(state, phase.from, news, turn)
    }
    case 'call':
      switch (event.name) {
        case 'signIn.cancel':
        case 'seat.back':
          return leave(state, phase, 'switch', turn)
        case 'seat.lock':
          return leave(state, phase, 'lock', turn)
        default:
          return notNow(state, turn)
      }
    case 'machine.leaving':
      return leave(state, phase, 'lock', turn)
    case 'activity':
    case 'workspace.opened':
      return state
  }
}

/** Someone broke it off; who stands there is unknown, so an open workspace is shielded. */
const leave = (
  state: SeatState,
  { from }: Identifying,
  reason: 'switch' | 'lock',
  turn: Turn,
): SeatState =>
  from.at === 'active'
    ? shield(state, from.sessionId, reason, turn)
    : goHome(state, from, null, turn)

export const expireIdentifying = (state: SeatState, phase: Identifying, turn: Turn): SeatState =>
  goBack(state, phase.from, { notice: { code: 'offline' }, banner: null }, turn)

const refused = (state: SeatState, phase: Identifying, turn: Turn): SeatState => {
  turn.effects.push({ type: 'feedback', reader: phase.reader, signal: 'refused' })
  const counted = countRefusal(forget(state, phase.badge), phase.reader, turn)
  const known = state.authority.alone === null ? 'badge-refused' : 'badge-refused-offline'
  const notice = isCooling(counted, phase.reader, turn) ? 'too-many-badges' : known
  const { tapId, reader, badge } = phase
  const held = heldTaps(state).includes(tapId)
  const banner = {
    code: 'badge-refused',
    until: turn.now + patience.banner,
    tap: held ? { tapId, reader, badge } : null,
  } as const
  return goBack(counted, phase.from, { notice: { code: notice }, banner }, turn)
}

const identified = (
  before: SeatState,
  phase: Identifying,
  answer: Answer,
  turn: Turn,
): SeatState => {
  turn.effects.push({ type: 'feedback', reader: phase.reader, signal: 'accepted' })
  const { personId, label, initials } = answer.person
  const state = remember(before, phase.badge, personId)
  const person = { personId, label, initials, tapId: phase.tapId, passkey: answer.passkey }
  const front = phase.from.at === 'active' ? sessionOf(state, phase.from.sessionId) : undefined
  if (front?.view.person.personId === personId) {
    const until = turn.now + turn.policy['tap.lockNow']
    return goBack(state, phase.from, { notice: null, banner: { code: 'lock-now', until } }, turn)
  }
  const home = putAside(phase.from, phase.tapId, turn)
  return (
    resume(state, person, answer, home, turn) ??
    take(state, person, answer, home, turn) ??
    verify(state, person, answer, home, turn)
  )
}

/** Within the grace time the tap lifts the shield of one's own kept session; no more than that. */
const resume = (
  state: SeatState,
  person: Identified,
  { session }: Answer,
  home: Home,
  turn: Turn,
): SeatState | null => {
  const kept = session === null ? undefined : sessionOf(state, session.sessionId)
  if (kept === undefined || kept.view.person.personId !== person.personId) return null
  if (kept.view.kind !== 'standard' || turn.now >= kept.view.tapGraceUntil) return null
  const { sessionId } = kept.view
  const request = ask(turn, 'session.resume', { sessionId, tapId: person.tapId })
  const until = turn.now + patience.answer
  return { ...state, phase: { name: 'resuming', request, sessionId, person, until, home } }
}

/** Where policy lets it, the tap alone brings the session over from another workstation. */
const take = (
  state: SeatState,
  person: Identified,
  { elsewhere }: Answer,
  home: Home,
  turn: Turn,
): SeatState | null => {
  if (elsewhere?.tapEnough !== true || !hasRoom(state)) return null
  const request = ask(turn, 'session.take', { tapId: person.tapId })
  const until = turn.now + patience.answer
  return { ...state, phase: { name: 'resuming', request, sessionId: null, person, until, home } }
}

const verify = (
  state: SeatState,
  person: Identified,
  answer: Answer,
  home: Home,
  turn: Turn,
): SeatState => {
  if (sessionOfPerson(state, person.personId) === undefined && !hasRoom(state))
    return goHome(state, home, { code: 'seat-full' }, turn)
  const proof = answer.passkey
    ? waitForProof(state, answer.ceremony)
    : failProof('no-passkey', turn)
  const elsewhere = answer.elsewhere !== null
  return { ...state, phase: { name: 'verifying', person, proof, home, elsewhere, next: null } }
}
