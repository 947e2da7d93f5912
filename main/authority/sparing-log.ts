import type { log } from './log.ts'

export interface SparingOptions {
  readonly write: typeof log
  /** The same line so often at most … */
  readonly most?: number
  /** … in so long, ms; then one more says how many were left out. */
  readonly every?: number
}

/**
 * A log for what can go wrong for thousands at once: while a database is away every call fails in the
 * same way, and a disk that is slow already must not take a line for each.
 */
export function createSparingLog({ write, most = 20, every = 10_000 }: SparingOptions): typeof log {
  const lines = new Map<string, { said: number; leftOut: number }>()

  function begin(key: string, ...[level, event, detail]: Parameters<typeof log>) {
    const counted = { said: 0, leftOut: 0 }
    lines.set(key, counted)
    setTimeout(() => {
      lines.delete(key)
      const { leftOut } = counted
      if (leftOut > 0) write(level, event, { ...detail, leftOut })
    }, every).unref()
    return counted
  }

  return (level, event, detail) => {
    const key = JSON.stringify([event, detail])
    const counted = lines.get(key) ?? begin(key, level, event, detail)
    if (counted.said >= most) counted.leftOut += 1
    else {
      counted.said += 1
      write(level, event, detail)
    }
  }
}
