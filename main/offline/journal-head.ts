import { createHmac, timingSafeEqual } from 'node:crypto'
import { entryHash } from '../authority/protocol/index.ts'
import type { OfflineKeys } from './keys.ts'

/** What a journal is known to hold: kept beside it, so that a journal that lost its end is known. */
export interface JournalHead {
  readonly id: string
  /** Entries that were acknowledged. */
  readonly count: number
  /** Hash of the last of them. */
  readonly hash: string
  /** Newest time that the workstation knew, ms. */
  readonly at: number
  /** Rises with every write. */
  readonly turn: number
}

const bodyBytes = 16 + 4 + 32 + 8 + 8
const macBytes = 32
const slotBytes = 128
/** Two slots that are written in turn: one torn write leaves the other. */
export const headFileBytes = 2 * slotBytes

const macOf = (frame: Uint8Array, body: Uint8Array): Buffer =>
  createHmac('sha256', frame).update('head|').update(body).digest()

/** The slot for this head, and where in the file it belongs. */
export function encodeHead(
  { frame }: Pick<OfflineKeys, 'frame'>,
  { id, count, hash, at, turn }: JournalHead,
): { readonly bytes: Buffer; readonly position: number } {
  const body = Buffer.alloc(bodyBytes)
  Buffer.from(id, 'base64url').copy(body, 0, 0, 16)
  body.writeUInt32BE(count, 16)
  Buffer.from(hash, 'hex').copy(body, 20, 0, 32)
  body.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(at))), 52)
  body.writeBigUInt64BE(BigInt(turn), 60)
  const bytes = Buffer.alloc(slotBytes)
  Buffer.concat([body, macOf(frame, body)]).copy(bytes)
  return { bytes, position: (turn % 2) * slotBytes }
}

/** The newest slot that is whole; null when none is. */
export function parseHead({ frame }: Pick<OfflineKeys, 'frame'>, file: Buffer): JournalHead | null {
  const heads = [0, slotBytes].flatMap((position) => {
    const slot = file.subarray(position, position + slotBytes)
    if (slot.length < bodyBytes + macBytes) return []
    const body = slot.subarray(0, bodyBytes)
    if (!timingSafeEqual(macOf(frame, body), slot.subarray(bodyBytes, bodyBytes + macBytes)))
      return []
    return [
      {
        id: body.subarray(0, 16).toString('base64url'),
        count: body.readUInt32BE(16),
        hash: body.subarray(20, 52).toString('hex'),
        at: Number(body.readBigUInt64BE(52)),
        turn: Number(body.readBigUInt64BE(60)),
      },
    ]
  })
  return heads.toSorted((one, other) => other.turn - one.turn)[0] ?? null
}

/** Whether the entry at the head's place is the one that it names. */
export const headFits = ({ count, hash }: JournalHead, entries: readonly string[]): boolean => {
  if (count === 0) return true
  const last = entries[count - 1]
  return last !== undefined && entryHash(last) === hash
}
