import type { AuthorityEvent } from '../../authority/protocol/events.ts'
import type { FactEvent, SeatCall } from './events.ts'
import { frontOf, sessionOver, shield, toLocked } from './moves.ts'
import { overrideOver } from './phases/override.ts'
import { relaunch, reopen } from './relaunch.ts'
import {
  changeSession,
  releaseSlot,
  sessionOf,
  toSeatTime,
  withoutNewProof,
  withView,
} from './sessions.ts'
import { tell } from './turn.ts'
import type { Turn } from './turn.ts'
import type { Ended, SeatState } from './types.ts'

/** Events that hold whatever the screen shows. */
export const facts = (state: SeatState, event: FactEvent, turn: Turn): SeatState => {
  switch (event.type) {
    case 'authority.hello':
      return heard(state, event.hello, turn)
    case 'authority.online':
      return online(state, event.hello, turn)
    case 'authority.offline':
      return state.authority.state === 'online'
        ? {
            ...state,
            authority: { ...state.authority, state: 'offline', since: turn.now, alone: null },
          }
        : state
    case 'authority.event':
      return told(state, event.event, turn)
    case 'fault':
      return fault(state, event, turn)
    case 'reader':
      return reader(state, event, turn)
    case 'application':
      return application(state, event, turn)
    case 'workspace.cleared': {
      const { sessionId, slot, verified } = event
      tell(turn, 'session.cleared', { sessionId, verified })
      const released = releaseSlot(state, slot, verified)
      const { phase } = state
      return phase.name === 'signing-out' && phase.sessionId === sessionId
        ? toLocked(released, { code: 'signed-out' }, turn)
        : released
    }
    case 'machine.back': {
      turn.effects.push({ type: 'resync' })
      // It slept without a warning: the session may have gone on elsewhere, so its owner is asked for.
      const front = frontOf(state)
      return front === null ? state : shield(state, front, 'lock', turn)
    }
  }
}

/** Choices about the screen itself are open to whoever stands there. */
export const preferences = (state: SeatState, call: SeatCall): SeatState | null => {
  if (call.name === 'shell.setLocale') return { ...state, locale: call.input.locale }
  if (call.name === 'shell.setTheme') return { ...state, theme: call.input.theme }
  return null
}

type Hello = Extract<FactEvent, { type: 'authority.hello' }>['hello']

/**
 * Connected: what lives here and not there any more is covered before anything else. It may have
 * moved; the event that says where comes first, if it was kept.
 */
const heard = (before: SeatState, hello: Hello, turn: Turn): SeatState => {
  let state: SeatState = {
    ...before,
    authority: { ...before.authority, offset: turn.now - hello.now },
  }
  const live = new Map(hello.sessions.map((view) => [view.sessionId, view]))
  for (const { view } of before.sessions) {
    const { sessionId } = view
    const news = live.get(sessionId)
    if (news !== undefined) {
      state = changed(state, news, turn)
      continue
    }
    tell(turn, 'session.secured', { sessionId })
    // Should it live there after all, begun while this was on its way, it must not stay without a seat.
    tell(turn, 'session.end', { sessionId, reason: 'agent-restart' })
    state = sessionOver(state, sessionId, 'revoked', turn)
  }
  return state
}

const aloneOf = ({ offline }: Hello, offset: number): SeatState['authority']['alone'] =>
  offline && { since: offline.since + offset, until: offline.until + offset }

/** What waited was told: what lives there and not here is ended, and taps count again. */
const online = (before: SeatState, hello: Hello, turn: Turn): SeatState => {
  const state: SeatState = {
    ...before,
    catalogue: hello.applications,
    authority: {
      ...before.authority,
      state: 'online',
      since: turn.now,
      alone: aloneOf(hello, before.authority.offset),
    },
  }
  for (const { sessionId } of hello.sessions)
    if (sessionOf(before, sessionId) === undefined)
      tell(turn, 'session.end', { sessionId, reason: 'agent-restart' })
  const { name } = state.phase
  const next = canLaunch(state) ? reopen(state, turn) : state
  return name === 'starting' || name === 'fault' ? toLocked(next, null, turn) : next
}

const told = (state: SeatState, event: AuthorityEvent, turn: Turn): SeatState => {
  switch (event.type) {
    case 'session.ended':
      return ended(state, event, turn)
    case 'session.changed':
      return changed(state, event.session, turn)
    case 'override.ended':
      return overrideOver(state, event.sessionId, event.overrideId, turn)
    case 'workstation.disabled':
      return outOfService(state, turn)
    case 'workstation.cloned':
      return { ...state, copied: true }
    case 'policy.changed':
      return state
  }
}

/** How many ends are remembered for answers that come after them. */
const kept = 16

const ended = (
  before: SeatState,
  { sessionId, reason, moved }: Extract<AuthorityEvent, { type: 'session.ended' }>,
  turn: Turn,
): SeatState => {
  const to = moved && { where: moved.where, at: moved.at + before.authority.offset }
  const one: Ended = { sessionId, reason, moved: to }
  const state = { ...before, ended: [...before.ended, one].slice(-kept) }
  // The driver covers the screen before it carries out any effect: this is the first that it does.
  // Also for a session that never showed here, because its answer was late or lost.
  if (reason === 'moved') tell(turn, 'session.secured', { sessionId })
  return sessionOver(state, sessionId, reason, turn, to)
}

const changed = (
  state: SeatState,
  news: Parameters<typeof toSeatTime>[1],
  turn: Turn,
): SeatState => {
  const held = sessionOf(state, news.sessionId)
  if (held === undefined) return state
  const { override } = held.view
  const ended =
    override !== null && news.override === null
      ? overrideOver(state, news.sessionId, override.overrideId, turn)
      : state
  return changeSession(ended, news.sessionId, (session) =>
    withView(session, withoutNewProof(session.view, toSeatTime(state, news))),
  )
}

/** Nothing goes on here, whatever its owner was about to do; the fault that says so follows. */
const outOfService = (state: SeatState, turn: Turn): SeatState => {
  const over = state.sessions.reduce(
    (next, { view }) => sessionOver(next, view.sessionId, 'workstation-disabled', turn),
    state,
  )
  return toLocked(over, { code: 'session-over', reason: 'workstation-disabled' }, turn)
}

/** Somebody must fix something first; what is open is covered and kept. */
const fault = (
  state: SeatState,
  { code, reference }: Extract<FactEvent, { type: 'fault' }>,
  turn: Turn,
): SeatState => {
  const front = frontOf(state)
  if (front !== null) tell(turn, 'session.shield', { sessionId: front, reason: 'fault' })
  const authority = { ...state.authority, state: 'failed' as const, since: turn.now }
  return { ...state, authority, phase: { name: 'fault', code, reference } }
}

const reports = {
  ready: 'reader-ready',
  missing: 'reader-missing',
  unplugged: 'reader-missing',
  silent: 'reader-silent',
  babbling: 'reader-babbling',
  'driver-missing': 'reader-missing',
  'permission-denied': 'reader-missing',
  starting: null,
} as const

const reader = (
  state: SeatState,
  { reader: path, model, state: status, detail }: Extract<FactEvent, { type: 'reader' }>,
  turn: Turn,
): SeatState => {
  const held = state.readers[path]
  if (held?.status === status && held.model === model && held.detail === detail) return state
  const event = held?.status === status ? null : reports[status]
  if (event !== null)
    tell(turn, 'workstation.report', { event, detail: { reader: path, state: status } })
  return { ...state, readers: { ...state.readers, [path]: { model, status, detail } } }
}

const application = (
  state: SeatState,
  news: Extract<FactEvent, { type: 'application' }>,
  turn: Turn,
): SeatState => {
  const { sessionId, application: id, state: status, unanswered } = news
  const held = sessionOf(state, sessionId)?.applications.find((one) => one.id === id)
  if (held === undefined || held.state === status) return state
  if (status === 'failed')
    tell(turn, 'workstation.report', { event: 'view-crashed', detail: { application: id } })
  const awaitsAuthority = status === 'failed' && unanswered !== undefined
  const next = changeSession(state, sessionId, (session) => ({
    ...session,
    applications: session.applications.map((one) =>
      one.id === id ? { ...one, state: status, awaitsAuthority } : one,
    ),
  }))
  // It came back while this launch was still given time. One that began later would fail again.
  const { authority } = state
  const missedIt = unanswered !== undefined && turn.now - unanswered.ago < authority.since
  return awaitsAuthority && missedIt && canLaunch(next)
    ? relaunch(next, sessionId, (one) => one.id === id, turn)
    : next
}

/** A workstation that answers by itself launches nothing. */
const canLaunch = ({ authority }: SeatState): boolean =>
  authority.state === 'online' && authority.alone === null
