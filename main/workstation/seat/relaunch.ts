import type { SessionId } from '../../authority/protocol/views.ts'
import { changeSession } from './sessions.ts'
import type { Turn } from './turn.ts'
import type { SeatApplication, SeatState } from './types.ts'

/** Asks for new launches of those applications of a session that are meant. */
export const relaunch = (
  state: SeatState,
  sessionId: SessionId,
  isMeant: (one: SeatApplication) => boolean,
  turn: Turn,
): SeatState =>
  changeSession(state, sessionId, (session) => ({
    ...session,
    applications: session.applications.map((one) => {
      if (!isMeant(one)) return one
      turn.effects.push({ type: 'relaunch', sessionId, application: one.id })
      return { ...one, state: 'opening', awaitsAuthority: false }
    }),
  }))

/**
 * The authority is back: what could not be opened for want of it opens now, in every session that
 * lives here, where it lies. What the screen shows stays as it is.
 */
export const reopen = (state: SeatState, turn: Turn): SeatState =>
  state.sessions.reduce(
    (next, { view }) => relaunch(next, view.sessionId, (one) => one.awaitsAuthority, turn),
    state,
  )
