import type { AuthorityEvent } from '../../authority/protocol/procedures.ts'
import type { FactEvent, SeatCall } from './events.ts'
import { frontOf, sessionOver, toLocked } from './moves.ts'
import { overrideOver } from './phases/override.ts'
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
import type { SeatState } from './types.ts'

/** Events that hold whatever the screen shows. */
export const facts = (state: SeatState, event: FactEvent, turn: Turn): SeatState => {
  switch (event.type) {
    case 'authority.online':
      return online(state, event.hello, turn)
    case 'authority.offline':
      return state.authority.state === 'online'
        ? { ...state, authority: { ...state.authority, state: 'offline', since: turn.now } }
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
    case 'machine.back':
      turn.effects.push({ type: 'resync' })
      return state
  }
}

/** Choices about the screen itself are open to whoever stands there. */
export const preferences = (state: SeatState, call: SeatCall): SeatState | null => {
  if (call.name === 'shell.setLocale') return { ...state, locale: call.input.locale }
  if (call.name === 'shell.setTheme') return { ...state, theme: call.input.theme }
  return null
}

/** Connected: what lives at the authority and what lives here must become the same again. */
const online = (
  before: SeatState,
  hello: Extract<FactEvent, { type: 'authority.online' }>['hello'],
  turn: Turn,
): SeatState => {
  let state: SeatState = {
    ...before,
    catalogue: hello.applications,
    authority: { state: 'online', since: turn.now, offset: turn.now - hello.now },
  }
  const live = new Map(hello.sessions.map((view) => [view.sessionId, view]))
  for (const { view } of before.sessions) {
    const news = live.get(view.sessionId)
    state =
      news === undefined
        ? sessionOver(state, view.sessionId, 'revoked', turn)
        : changed(state, news, turn)
  }
  for (const sessionId of live.keys())
    if (sessionOf(before, sessionId) === undefined)
      tell(turn, 'session.end', { sessionId, reason: 'agent-restart' })
  const { name } = state.phase
  return name === 'starting' || name === 'fault' ? toLocked(state, null, turn) : state
}

const told = (state: SeatState, event: AuthorityEvent, turn: Turn): SeatState => {
  switch (event.type) {
    case 'session.ended':
      return sessionOver(state, event.sessionId, event.reason, turn)
    case 'session.changed':
      return changed(state, event.session, turn)
    case 'override.ended':
      return overrideOver(state, event.sessionId, event.overrideId, turn)
    case 'workstation.disabled':
    case 'workstation.cloned':
    case 'policy.changed':
      return state
  }
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
  const { sessionId, application: id, state: status } = news
  const held = sessionOf(state, sessionId)?.applications.find((one) => one.id === id)
  if (held === undefined || held.state === status) return state
  if (status === 'failed')
    tell(turn, 'workstation.report', { event: 'view-crashed', detail: { application: id } })
  return changeSession(state, sessionId, (session) => ({
    ...session,
    applications: session.applications.map((one) =>
      one.id === id ? { ...one, state: status } : one,
    ),
  }))
}
