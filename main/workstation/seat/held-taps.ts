import { sessionOf } from './sessions.ts'
import type { SeatState } from './types.ts'

/**
 * Taps whose badge may still be asked about after this step; the driver forgets all others. It is
 * the tap that is being looked up on somebody's open workspace, and the refused one while its banner
 * offers to add it. Any other tap, lock, session or end of the banner leads out of these states.
 */
export const heldTaps = (state: SeatState): readonly string[] => {
  const { phase } = state
  if (phase.name === 'identifying')
    return phase.from.at === 'active' && mayAddBadges(state, phase.from.sessionId)
      ? [phase.tapId]
      : []
  if (phase.name !== 'active' || phase.banner?.code !== 'badge-refused') return []
  return phase.banner.tap === null ? [] : [phase.banner.tap.tapId]
}

/** Nobody vouches for new badges of somebody who was only vouched for. */
export const mayAddBadges = (
  state: SeatState,
  sessionId: Parameters<typeof sessionOf>[1],
): boolean => sessionOf(state, sessionId)?.view.kind === 'standard'
