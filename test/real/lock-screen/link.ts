/* What crosses the guest's second serial port, one JSON line each. */

export type ToGuest =
  | { readonly type: 'ping'; readonly id: number }
  /** A new reader process, in place of the one before. */
  | { readonly type: 'start' }
  /** For the reader process, as the agent sent it. */
  | { readonly type: 'command'; readonly command: object }
  /** For the virtual reader: `ReaderControl` of the sandbox. */
  | { readonly type: 'hand'; readonly id: number; readonly command: unknown }

/** Times `at` are the guest's monotonic ms. */
export type FromGuest =
  | { readonly type: 'pong'; readonly id: number; readonly at: number }
  /** Of the reader process, as it sent it. */
  | { readonly type: 'message'; readonly message: object }
  | { readonly type: 'done'; readonly id: number; readonly error: string | null }
  | { readonly type: 'seen'; readonly what: Seen; readonly at: number }
  /** The reader process; `asFound`: the reader is configured as it left the factory. */
  | { readonly type: 'exited'; readonly code: number; readonly asFound: boolean }

/**
 * At the virtual reader. `card`: the kernel got the first report with it; `empty field`: only such
 * without one for a while, so that what comes next is a tap.
 */
export type Seen = 'card' | 'empty field' | 'lamp green' | 'lamp red' | 'lamp off' | 'lamp own'

/** Whole lines out of pieces; a line that is no JSON object is noise of a port that opens. */
export function createLines(heed: (line: object) => void): (piece: string) => void {
  let rest = ''
  return (piece) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const value = parse(line)
      if (typeof value === 'object' && value !== null) heed(value)
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
