import type { log } from './log.ts'

export interface SparingOptions {
  readonly write: typeof log
  /** Lines of one event at most … */
  readonly most?: number
  /** … in so long, ms; then one more says how many were left out. */
  readonly every?: number
}

/**
 * A log for what can go wrong for thousands at once: while a database is away every call fails in the
 * same way, and a disk that is slow already must not take a line for each.
 */
export function createSparingLog({ write, most = 20, every = 10_000 }: SparingOptions): typeof log {
  const events = new Map<string, { said: number; leftOut: number }>()

  function begin(level: Parameters<typeof log>[0], event: string) {
    const counted = { said: 0, leftOut: 0 }
    events.set(event, counted)
    setTimeout(() => {
      events.delete(event)
      if (counted.leftOut > 0) write(level, event, { leftOut: counted.leftOut })
    }, every).unref()
    return counted
  }

  return (level, event, detail) => {
    const counted = events.get(event) ?? begin(level, event)
    if (counted.said >= most) counted.leftOut += 1
    else {
      counted.said += 1
      write(level, event, detail)
    }
  }
}
