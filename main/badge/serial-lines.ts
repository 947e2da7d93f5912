/** What a reader sent up to the end of a line; of what is no proper line nothing is kept. */
export type Line = { readonly type: 'line'; readonly text: string } | { readonly type: 'malformed' }

export interface LinesState {
  /** The line so far. */
  readonly held: string
  /** What comes up to the next end of a line belongs to a broken one. */
  readonly broken: boolean
  /** Bytes of the broken line since it was last told of. */
  readonly excess: number
}

export const noLines: LinesState = { held: '', broken: false, excess: 0 }

/** After this much silence a line without its end is half a line, ms. */
export const silenceMs = 200

const [cr, lf] = [0x0d, 0x0a]

/**
 * One chunk further. CR, LF or both end a line; empty ones are none. A line of more than `limit`
 * characters, or with one that is not printable ASCII, is malformed as a whole. One that never ends
 * is told of again every `limit` bytes. How the bytes were cut into chunks makes no difference.
 */
export function splitLines(
  state: LinesState,
  chunk: Uint8Array,
  limit: number,
): { readonly state: LinesState; readonly lines: readonly Line[] } {
  let { held, broken, excess } = state
  const lines: Line[] = []
  for (const byte of chunk) {
    if (byte === cr || byte === lf) {
      if (broken && excess > 0) lines.push({ type: 'malformed' })
      else if (held !== '') lines.push({ type: 'line', text: held })
      held = ''
      broken = false
      excess = 0
      continue
    }
    if (!broken && held.length < limit && byte >= 0x20 && byte <= 0x7e) {
      held += String.fromCharCode(byte)
      continue
    }
    held = ''
    broken = true
    excess += 1
    if (excess < limit) continue
    lines.push({ type: 'malformed' })
    excess = 0
  }
  return { state: { held, broken, excess }, lines }
}

/**
 * Nothing came for a while, or what is there is to be dropped. What is held is half a line, and so
 * is its other half, whenever it comes: alone it would be somebody else's badge.
 */
export const breakLine = (state: LinesState): LinesState =>
  isHalf(state) ? { held: '', broken: true, excess: 0 } : state

/** Whether a line has begun of which nothing was told yet. */
export const isHalf = ({ held, excess }: LinesState): boolean => held !== '' || excess > 0
