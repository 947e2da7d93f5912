import { randomFillSync } from 'node:crypto'

const pool = new Uint8Array(4096)
let used = pool.length

/**
 * As `randomBytes` of node:crypto, for few bytes at a time: those of many calls are fetched at once,
 * which a sign-in needs seven times. Nothing is given out twice, nor kept once it was given out.
 */
export function randomPiece(size: number): Uint8Array<ArrayBuffer> {
  if (size > pool.length) throw new RangeError(`At most ${pool.length} bytes at a time.`)
  if (used + size > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const piece = pool.slice(used, used + size)
  pool.fill(0, used, used + size)
  used += size
  return piece
}
