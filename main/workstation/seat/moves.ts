import type { Notice } from '../../../preload/shown/notice.ts'
import type { EndReason } from '../../authority/protocol/reasons.ts'
import type { Response } from '../../authority/protocol/procedures.ts'
import type { SessionId, SessionView } from '../../authority/protocol/views.ts'
import {
  admit,
  changeSession,
  dismiss,
  endNotice,
  sessionOf,
  toSeatTime,
  withoutNewProof,
  withView,
} from './sessions.ts'
import { identify, tell } from './turn.ts'
import type { Turn } from './turn.ts'
import { patience } from './types.ts'
import type { Elsewhere, Home, Interrupted, SeatBanner, SeatState } from './types.ts'
import type { SeatTap } from './events.ts'

type SignedIn = Extract<Response<'session.start'>, { outcome: 'signed-in' }>

/* The moves from one phase to another that more than one phase makes. */

const until = (notice: Notice | null, turn: Turn) => {
  if (notice === null) return null
  return turn.now + (notice.code === 'moved' ? patience.moved : patience.notice)
}

export const toLocked = (state: SeatState, notice: Notice | null, turn: Turn): SeatState => ({
  ...state,
  phase: { name: 'locked', notice, until: until(notice, turn) },
})

const toShield = (
  state: SeatState,
  sessionId: SessionId,
  since: number,
  notice: Notice | null,
  turn: Turn,
): SeatState => {
  const session = sessionOf(state, sessionId)
  if (session === undefined) return toLocked(state, notice, turn)
  const { tapGraceUntil } = session.view
  return {
    ...state,
    phase: {
      name: 'shielded',
      sessionId,
      since,
      graceUntil: turn.now < tapGraceUntil ? tapGraceUntil : null,
      notice,
      until: until(notice, turn),
    },
  }
}

/**
 * Back to where the ceremony began: the lock screen or the shield it was started from. A colleague
 * who covered somebody's open work and went no further has secured it (R4).
 */
export const goHome = (
  state: SeatState,
  home: Home,
  notice: Notice | null,
  turn: Turn,
): SeatState => {
  if (home.at === 'locked') return toLocked(state, notice, turn)
  const { sessionId, since, by } = home
  if (by !== null) tell(turn, 'session.shield', { sessionId, reason: 'colleague', by })
  return toShield(state, sessionId, since, notice, turn)
}

/** The shield comes down over the session in front: work is kept, and the record says why. */
export const shield = (
  state: SeatState,
  sessionId: SessionId,
  reason: 'inactivity' | 'lock' | 'switch' | 'fault',
  turn: Turn,
): SeatState => {
  tell(turn, 'session.shield', { sessionId, reason })
  return toShield(state, sessionId, turn.now, null, turn)
}

/** A tap on an open workspace proved to be someone else's: the work is put aside. */
export const putAside = (from: Home | Interrupted, tapId: string, turn: Turn): Home => {
  if (from.at !== 'active') return from
  tell(turn, 'session.shield', { sessionId: from.sessionId, reason: 'switch' })
  return { at: 'shield', sessionId: from.sessionId, since: turn.now, by: tapId }
}

/** Nothing came of a tap on an open workspace: it was open before, it is open again. */
export const goBack = (
  state: SeatState,
  from: Home | Interrupted,
  news: { readonly notice: Notice | null; readonly banner: SeatBanner | null },
  turn: Turn,
): SeatState =>
  from.at === 'active'
    ? {
        ...state,
        phase: {
          name: 'active',
          sessionId: from.sessionId,
          lastActivity: from.lastActivity,
          banner: news.banner,
          panel: null,
        },
      }
    : goHome(state, from, news.notice, turn)

/** A tap: the content is covered at once, whose badge it was is asked. */
export const startIdentifying = (
  state: SeatState,
  tap: SeatTap,
  from: Home | Interrupted,
  turn: Turn,
): SeatState => {
  // Nobody could say whose badge it is; an open workspace stays as open as it was.
  if (state.authority.state !== 'online') {
    turn.effects.push({ type: 'feedback', reader: tap.reader, signal: 'refused' })
    return goBack(state, from, { notice: { code: 'offline' }, banner: null }, turn)
  }
  return {
    ...state,
    phase: {
      name: 'identifying',
      request: identify(turn, tap, 'sign-in'),
      tapId: tap.tapId,
      reader: tap.reader,
      badge: tap.badge,
      until: turn.now + patience.answer,
      from,
    },
  }
}

/** A session that was just proven or resumed comes to the front. */
export const bringForward = (
  state: SeatState,
  sessionId: SessionId,
  banner: SeatBanner | null,
  turn: Turn,
  from: Elsewhere | null = null,
): SeatState => {
  const session = sessionOf(state, sessionId)
  if (session === undefined) return toLocked(state, null, turn)
  return session.opened
    ? {
        ...state,
        phase: { name: 'active', sessionId, lastActivity: turn.now, banner, panel: null },
      }
    : {
        ...state,
        phase: {
          name: 'opening',
          sessionId,
          until: turn.now + patience.opening,
          lastActivity: turn.now,
          from,
        },
      }
}

/**
 * The authority says that a ceremony signed this session in. Known: verified anew, back in front.
 * New: takes a slot and opens its workspace. No slot left: ended again, and the screen says why.
 * Over already, because its person went on elsewhere meanwhile: nothing of it opens.
 */
export const signedIn = (
  state: SeatState,
  { session: proven, movedFrom }: SignedIn,
  home: Home,
  turn: Turn,
): SeatState => {
  const view = toSeatTime(state, proven)
  const over = state.ended.find(({ sessionId }) => sessionId === view.sessionId)
  if (over !== undefined) return goHome(state, home, endNotice(over.reason, over.moved), turn)
  if (sessionOf(state, view.sessionId) !== undefined) {
    const banner = { code: 'verified', until: turn.now + patience.banner } as const
    const updated = changeSession(state, view.sessionId, (session) => withView(session, view))
    return bringForward(updated, view.sessionId, banner, turn)
  }
  const admitted = admit(state, view)
  if (admitted === null) {
    tell(turn, 'session.end', { sessionId: view.sessionId, reason: 'sign-out' })
    return goHome(state, home, { code: 'seat-full' }, turn)
  }
  const { session } = admitted
  turn.effects.push({
    type: 'open-workspace',
    sessionId: view.sessionId,
    slot: session.slot,
    applications: session.applications.map(({ id }) => id),
  })
  const { offset } = state.authority
  const from = movedFrom && { where: movedFrom.where, at: movedFrom.at + offset }
  return bringForward(admitted.state, view.sessionId, null, turn, from)
}

/** A kept session after its owner's tap; whatever the answer says, assurance stays as proven. */
export const resumed = (state: SeatState, news: SessionView, turn: Turn): SeatState => {
  const updated = changeSession(state, news.sessionId, (session) =>
    withView(session, withoutNewProof(session.view, toSeatTime(state, news))),
  )
  return bringForward(updated, news.sessionId, null, turn)
}

/** A sign-in whose answer came when nobody waited for it any more leaves nothing open behind. */
export const lateSignIn = (
  state: SeatState,
  value: Response<'session.start' | 'session.resume' | 'session.take' | 'fallback.approve'>,
  turn: Turn,
): SeatState => {
  if (value.outcome !== 'signed-in') return state
  const { sessionId } = value.session
  if (sessionOf(state, sessionId) === undefined)
    tell(turn, 'session.end', { sessionId, reason: 'sign-out' })
  else if (frontOf(state) !== sessionId)
    tell(turn, 'session.shield', { sessionId, reason: 'switch' })
  return state
}

/** The session whose workspace is, or was until the tap in progress, on the screen. */
export const frontOf = ({ phase }: SeatState): SessionId | null => {
  switch (phase.name) {
    case 'active':
    case 'warning':
    case 'opening':
      return phase.sessionId
    case 'identifying':
      return phase.from.at === 'active' ? phase.from.sessionId : null
    case 'starting':
    case 'fault':
    case 'locked':
    case 'resuming':
    case 'verifying':
    case 'shielded':
    case 'signing-out':
    case 'fallback':
    case 'enrolling':
      return null
  }
}

/** The session is over: its slot is closed and cleared, and nothing leads back to it. */
export const sessionOver = (
  state: SeatState,
  sessionId: SessionId,
  reason: EndReason,
  turn: Turn,
  moved: Elsewhere | null = null,
): SeatState => {
  const session = sessionOf(state, sessionId)
  if (session === undefined) return state
  turn.effects.push({ type: 'close-workspace', sessionId, slot: session.slot })
  const without = dismiss(state, sessionId)
  const { phase } = without
  const locked = { at: 'locked' } as const
  const concerns = (place: Home | Interrupted) =>
    place.at !== 'locked' && place.sessionId === sessionId
  switch (phase.name) {
    case 'active':
    case 'warning':
    case 'opening':
    case 'shielded':
    case 'resuming':
      if (phase.sessionId === sessionId) return toLocked(without, endNotice(reason, moved), turn)
      return phase.name === 'resuming' && concerns(phase.home)
        ? { ...without, phase: { ...phase, home: locked } }
        : without
    case 'identifying':
      return concerns(phase.from) ? { ...without, phase: { ...phase, from: locked } } : without
    case 'verifying':
    case 'fallback':
    case 'enrolling':
      return concerns(phase.home) ? { ...without, phase: { ...phase, home: locked } } : without
    case 'starting':
    case 'fault':
    case 'locked':
    case 'signing-out':
      return without
  }
}
