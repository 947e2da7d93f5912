import { ownerOf, reportTwoBadges } from '../badge-rules.ts'
import type { PhaseEvent, SeatCall, SeatTap } from '../events.ts'
import { noteActivity, shieldAt, warnAt } from '../idle.ts'
import { sessionOver, shield, startIdentifying } from '../moves.ts'
import { relaunch } from '../relaunch.ts'
import { changeSession, sessionOf, withView } from '../sessions.ts'
import { stale } from '../stale.ts'
import { notNow, tell } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { PhaseOf, SeatBanner, SeatState } from '../types.ts'
import { enrolmentTwoBadges } from './badge-enrolment.ts'
import { panelAnswer, panelCall, panelExpired } from './panels.ts'

type Active = PhaseOf<'active'>

const withBanner = (state: SeatState, phase: Active, banner: SeatBanner | null): SeatState => ({
  ...state,
  phase: { ...phase, banner },
})

/** One's own workspace, open in front of its owner. */
export const active = (
  state: SeatState,
  phase: Active,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'tap':
      return tapped(state, phase, event, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return (
        enrolmentTwoBadges(state, phase) ??
        withBanner(state, phase, { code: 'two-badges', until: turn.now + patience.banner })
      )
    case 'activity':
      return noteActivity(state, phase, turn)
    case 'call':
      return called(state, phase, event, turn)
    case 'answer':
    case 'failure':
      return panelAnswer(state, phase, event, turn) ?? stale(state, event, turn)
    case 'machine.leaving':
      return shield(state, phase.sessionId, 'lock', turn)
    case 'workspace.opened':
      return state
  }
}

/** The owner's tap asks "Lock now?", the second one locks; any other tap covers the work at once. */
const tapped = (state: SeatState, phase: Active, tap: SeatTap, turn: Turn): SeatState => {
  const owner = sessionOf(state, phase.sessionId)?.view.person.personId
  const { sessionId, lastActivity } = phase
  if (owner === undefined || ownerOf(state, tap.badge) !== owner)
    return startIdentifying(state, tap, { at: 'active', sessionId, lastActivity }, turn)
  turn.effects.push({ type: 'feedback', reader: tap.reader, signal: 'accepted' })
  if (phase.banner?.code === 'lock-now') return shield(state, sessionId, 'lock', turn)
  const until = turn.now + turn.policy['tap.lockNow']
  return withBanner(state, { ...phase, lastActivity: turn.now }, { code: 'lock-now', until })
}

const called = (state: SeatState, before: Active, call: SeatCall, turn: Turn): SeatState => {
  if (call.name === 'seat.lock') return shield(state, before.sessionId, 'lock', turn)
  if (call.name === 'seat.signOut') return signOut(state, before.sessionId, turn)
  const worked = noteActivity(state, before, turn)
  const banner = before.banner?.code === 'owner' ? null : before.banner
  const phase: Active = { ...before, banner, lastActivity: turn.now }
  switch (call.name) {
    case 'shell.activity':
      return worked
    case 'seat.stay':
      return withBanner(worked, phase, null)
    case 'seat.back':
      if (phase.panel === null) return withBanner(worked, phase, null)
      return panelCall(worked, phase, call, turn) ?? notNow(state, turn)
    case 'application.focus':
      return focus(worked, phase, call.input.application) ?? notNow(state, turn)
    case 'application.reload':
      return reload(worked, phase, call.input.application, turn) ?? notNow(state, turn)
    case 'notice.answer':
      return answerNotice(worked, phase, call.input, turn) ?? notNow(state, turn)
    default:
      return panelCall(worked, phase, call, turn) ?? notNow(state, turn)
  }
}

/** Answered is answered: the notice goes at once, and comes back by no older news. */
const answerNotice = (
  state: SeatState,
  { sessionId }: Active,
  { noticeId, answer }: Extract<SeatCall, { name: 'notice.answer' }>['input'],
  turn: Turn,
): SeatState | null => {
  const notices = sessionOf(state, sessionId)?.view.notices ?? []
  if (!notices.some((notice) => notice.noticeId === noticeId)) return null
  tell(turn, 'notice.answer', { sessionId, noticeId, answer })
  return changeSession(state, sessionId, (session) =>
    withView({ ...session, answered: [...session.answered, noticeId] }, session.view),
  )
}

const focus = (state: SeatState, { sessionId }: Active, application: string): SeatState | null =>
  sessionOf(state, sessionId)?.applications.some(({ id }) => id === application)
    ? changeSession(state, sessionId, (session) => ({ ...session, focused: application }))
    : null

const reload = (
  state: SeatState,
  { sessionId }: Active,
  application: string,
  turn: Turn,
): SeatState | null => {
  if (!sessionOf(state, sessionId)?.applications.some(({ id }) => id === application)) return null
  return relaunch(state, sessionId, ({ id }) => id === application, turn)
}

/** Signing out closes everything of this session, here and at the authority. */
export const signOut = (
  state: SeatState,
  sessionId: Active['sessionId'],
  turn: Turn,
): SeatState => {
  const session = sessionOf(state, sessionId)
  if (session === undefined) return notNow(state, turn)
  tell(turn, 'session.end', { sessionId, reason: 'sign-out' })
  const { label, initials } = session.view.person
  return {
    ...sessionOver(state, sessionId, 'sign-out', turn),
    phase: {
      name: 'signing-out',
      sessionId,
      person: { label, initials },
      until: turn.now + patience.signOut,
    },
  }
}

export const expireActive = (state: SeatState, phase: Active, turn: Turn): SeatState => {
  const { lastActivity, sessionId, banner, panel } = phase
  const { policy, now } = turn
  if (shieldAt(lastActivity, policy) <= now) return shield(state, sessionId, 'inactivity', turn)
  if (warnAt(lastActivity, policy) <= now)
    return {
      ...state,
      phase: { name: 'warning', sessionId, until: shieldAt(lastActivity, policy) },
    }
  if (banner !== null && banner.code !== 'owner' && banner.until <= now)
    return withBanner(state, phase, null)
  const quiet = panelExpired(state, phase, turn)
  if (quiet !== null) return quiet
  return banner === null && panel === null && now >= lastActivity + policy['shield.ownerNotice']
    ? withBanner(state, phase, { code: 'owner' })
    : state
}
