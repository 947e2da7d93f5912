import type { BadgeTable } from '../../store/schema/authority.ts'

/** What a tag is to the authority at one moment. */
export type Standing =
  | 'unknown'
  | 'active'
  /** A loan that runs. */
  | 'loaner'
  | 'lost'
  | 'detached'
  | 'conflicting'
  /** A loan that is over, whether or not the sweep has come by. */
  | 'ended'

/** Limits count from the moment they pass, so the time decides and not what the row says yet. */
export function standingOf(
  badge: Readonly<Pick<BadgeTable, 'status' | 'kind' | 'ends_at'>> | null | undefined,
  now: number,
): Standing {
  if (!badge) return 'unknown'
  const { status, kind, ends_at: endsAt } = badge
  if (status === 'conflicting') return 'conflicting'
  if (kind === 'loaner' && endsAt !== null && endsAt <= now) return 'ended'
  if (status === 'active') return kind === 'loaner' ? 'loaner' : 'active'
  return status
}

/** Whether a tap of it names its owner. */
export const identifies = (standing: Standing): boolean =>
  standing === 'active' || standing === 'loaner'

/** Whether anybody may make it theirs. */
export const isFree = (standing: Standing): boolean =>
  standing === 'unknown' || standing === 'detached' || standing === 'ended'
