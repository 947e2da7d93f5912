import type { SessionId } from '../../authority/protocol/views.ts'
import type { SeatState } from './types.ts'

/**
 * Whose application views may be on the glass: those of the session in front, in its own active
 * screen, with nothing over it. The driver applies this after every step, before anything else.
 */
export const visible = ({ phase, sessions }: SeatState): SessionId | null => {
  if (phase.name !== 'active' || phase.panel !== null) return null
  const front = sessions.find(({ view }) => view.sessionId === phase.sessionId)
  return front?.opened === true ? phase.sessionId : null
}
