import type { SessionId } from '../../../authority/protocol/views.ts'
import { ownerOf, reportTwoBadges } from '../badge-rules.ts'
import type { PhaseEvent } from '../events.ts'
import { noteActivity } from '../idle.ts'
import { shield, startIdentifying, toLocked } from '../moves.ts'
import { sessionOf } from '../sessions.ts'
import { stale } from '../stale.ts'
import { notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { Home, PhaseOf, SeatState } from '../types.ts'
import { signOut } from './active.ts'

/* Phases that pass by themselves: opening, the walk-away countdown, signing out. */

type Warning = PhaseOf<'warning'>
type Opening = PhaseOf<'opening'>
type SigningOut = PhaseOf<'signing-out'>

/** The launch handles of a new workspace are on their way. */
export const opening = (
  state: SeatState,
  phase: Opening,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  const { sessionId } = phase
  switch (event.type) {
    case 'tap': {
      const owner = sessionOf(state, sessionId)?.view.person.personId
      if (owner !== undefined && ownerOf(state, event.badge) === owner) return state
      const aside = shield(state, sessionId, 'switch', turn)
      return startIdentifying(aside, event, toItsShield(sessionId, turn), turn)
    }
    case 'workspace.opened':
      return event.sessionId === sessionId ? expireOpening(state, phase, turn) : state
    case 'call':
      if (event.name === 'shell.activity') return state
      if (event.name === 'seat.lock') return shield(state, sessionId, 'lock', turn)
      return event.name === 'seat.signOut' ? signOut(state, sessionId, turn) : notNow(state, turn)
    case 'machine.leaving':
      return shield(state, sessionId, 'lock', turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return state
    case 'answer':
    case 'failure':
      return stale(state, event, turn)
    case 'activity':
      return state
  }
}

const toItsShield = (sessionId: SessionId, turn: Turn): Home => ({
  at: 'shield',
  sessionId,
  since: turn.now,
  by: null,
})

/** Opened, or out of patience: the workspace shows, and each application says how far it is. */
export const expireOpening = (
  state: SeatState,
  { sessionId, lastActivity, from }: Opening,
  turn: Turn,
): SeatState => ({
  ...state,
  sessions: state.sessions.map((session) =>
    session.view.sessionId === sessionId ? { ...session, opened: true } : session,
  ),
  phase: {
    name: 'active',
    sessionId,
    lastActivity,
    banner: from && { code: 'continued', from, until: turn.now + patience.banner },
    panel: null,
  },
})

/** Nobody has touched anything for a while: the work is covered, any key goes on. */
export const warning = (
  state: SeatState,
  phase: Warning,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  const { sessionId } = phase
  const lastActivity = phase.until - turn.policy['shield.inactivity']
  switch (event.type) {
    case 'activity':
      return goOn(state, phase, turn)
    case 'tap': {
      const owner = sessionOf(state, sessionId)?.view.person.personId
      if (owner !== undefined && ownerOf(state, event.badge) === owner) {
        turn.effects.push({ type: 'feedback', reader: event.reader, signal: 'accepted' })
        return goOn(state, phase, turn)
      }
      return startIdentifying(state, event, { at: 'active', sessionId, lastActivity }, turn)
    }
    case 'call':
      switch (event.name) {
        case 'seat.stay':
        case 'seat.back':
        case 'shell.activity':
          return goOn(state, phase, turn)
        case 'seat.lock':
          return shield(state, sessionId, 'lock', turn)
        case 'seat.signOut':
          return signOut(state, sessionId, turn)
        default:
          return notNow(state, turn)
      }
    case 'machine.leaving':
      return shield(state, sessionId, 'lock', turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return state
    case 'answer':
    case 'failure':
      return stale(state, event, turn)
    case 'workspace.opened':
      return state
  }
}

const goOn = (state: SeatState, { sessionId }: Warning, turn: Turn): SeatState =>
  noteActivity(
    state,
    { name: 'active', sessionId, lastActivity: turn.now, banner: null, panel: null },
    turn,
  )

/** The session is gone from here already; the slot is being cleared. */
export const signingOut = (
  state: SeatState,
  _phase: SigningOut,
  event: PhaseEvent,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'tap':
      return startIdentifying(state, event, { at: 'locked' }, turn)
    case 'call':
      return event.name === 'seat.back' || event.name === 'shell.activity'
        ? state
        : notNow(state, turn)
    case 'two-badges':
      reportTwoBadges(turn)
      return state
    case 'answer':
    case 'failure':
      return stale(state, event, turn)
    case 'activity':
    case 'workspace.opened':
    case 'machine.leaving':
      return state
  }
}

export const expireSigningOut = (state: SeatState, turn: Turn): SeatState =>
  toLocked(state, { code: 'signed-out' }, turn)
