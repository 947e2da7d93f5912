export interface Exchange {
  /** Monotonic ms here, around the question. */
  readonly sentAt: number
  readonly answeredAt: number
  /** Monotonic ms there, in between. */
  readonly there: number
}

/**
 * How far two monotonic clocks are apart, from questions and answers: the quickest of the last
 * `keep` exchanges counts, and is wrong by half of its way at most.
 */
export function createClockOffset({ keep = 16 }: { readonly keep?: number } = {}) {
  const exchanges: Exchange[] = []
  const way = ({ sentAt, answeredAt }: Exchange) => answeredAt - sentAt
  const best = (): Exchange => {
    const [first, ...others] = exchanges
    if (!first) throw new Error('No exchange with the other clock yet.')
    return others.reduce((found, next) => (way(next) < way(found) ? next : found), first)
  }
  return {
    record(exchange: Exchange) {
      exchanges.push(exchange)
      if (exchanges.length > keep) exchanges.shift()
    },
    get exchanges() {
      return exchanges.length
    },
    /** Half of the quickest exchange, ms. */
    get uncertainty() {
      return way(best()) / 2
    },
    /** A time there on the clock here; throws before the first exchange. */
    toHere(at: number): number {
      const { sentAt, answeredAt, there } = best()
      return at - there + (sentAt + answeredAt) / 2
    },
  }
}
export type ClockOffset = ReturnType<typeof createClockOffset>
