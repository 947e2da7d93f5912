import type { Screen } from '../../../preload/shown/screen.ts'
import { mayAddBadges } from './held-taps.ts'
import { sessionOf } from './sessions.ts'
import type { PhaseOf, SeatState } from './types.ts'

type Banner = Extract<Screen, { name: 'active' }>['banner']

/**
 * The row under the bar of an open workspace. News about one's own badges fill it whenever nothing
 * else does, and give way to everything: to "Lock now?", which must be answered, and to the owner's
 * name over a workspace that nobody has touched for a while, since whoever walks up to it must see
 * whose it is, and nobody else's news. The first key of the owner brings the news back.
 */
export const bannerOf = (state: SeatState, phase: PhaseOf<'active'>, skew: number): Banner => {
  const { banner, sessionId } = phase
  switch (banner?.code) {
    case 'lock-now':
      return { code: 'lock-now', until: banner.until + skew }
    case 'continued': {
      const { where, at } = banner.from
      return { code: 'continued', where, at: at + skew }
    }
    case 'badge-refused':
      return { code: 'badge-refused', mayAdd: mayAddBadges(state, sessionId) }
    case 'owner':
    case 'verified':
    case 'two-badges':
      return { code: banner.code }
    case undefined: {
      const notices = sessionOf(state, sessionId)?.view.notices ?? []
      return notices.length > 0 ? { code: 'notice' } : null
    }
  }
}
