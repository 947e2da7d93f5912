import type { BadgeShown } from '../../../preload/shown/badges.ts'
import type { BadgeView } from '../../authority/protocol/views.ts'

/** Worst first: what is true of one chip is said of the card. */
const statuses = ['conflicting', 'lost', 'active'] as const

const onSeat = (time: number | null, offset: number) => (time === null ? null : time + offset)

/**
 * One's cards from the identities that the authority lists: chips of one card are one entry, in the
 * order of the list. Times are moved to the seat's clock by `offset`.
 */
export const ownCards = (badges: readonly BadgeView[], offset: number): BadgeShown[] => {
  const cards = new Map<string, BadgeView[]>()
  for (const badge of badges) cards.set(badge.cardId, [...(cards.get(badge.cardId) ?? []), badge])
  return [...cards.values()].flatMap((chips) => {
    const [first] = chips
    if (first === undefined) return []
    const seen = chips.reduce((last, chip) =>
      (chip.lastSeenAt ?? -1) > (last.lastSeenAt ?? -1) ? chip : last,
    )
    const { cardId, name, kind } = first
    return {
      cardId,
      name,
      kind,
      status: statuses.find((one) => chips.some(({ status }) => status === one)) ?? first.status,
      technologies: chips.map(({ technology }) => technology),
      assignedAt: Math.min(...chips.map(({ assignedAt }) => assignedAt)) + offset,
      endsAt: onSeat(first.endsAt, offset),
      lastSeenAt: onSeat(seen.lastSeenAt, offset),
      lastSeenWhere: seen.lastSeenWhere,
    }
  })
}
