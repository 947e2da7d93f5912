import { createHmac, timingSafeEqual } from 'node:crypto'
import type { OfflineKeys } from './keys.ts'
import { seal, unseal } from './seal.ts'

type Keys = Pick<OfflineKeys, 'journal' | 'frame'>

const magic = Buffer.from('LANYARD-JOURNAL-1\n')
const idBytes = 16
const macBytes = 16
/** Of the file, before the first record. */
export const headerBytes = magic.length + idBytes
/** Before each record: its length, and a MAC of journal, place and length. */
const frameBytes = 4 + macBytes

export const newHeader = (id: string): Buffer =>
  Buffer.concat([magic, Buffer.from(id, 'base64url')])

const about = (id: string, index: number) => `journal|${id}|${index}`

function frameMac({ frame }: Keys, id: string, index: number, length: number): Buffer {
  return createHmac('sha256', frame)
    .update(`frame|${id}|${index}|${length}`)
    .digest()
    .subarray(0, macBytes)
}

/** One entry as it stands in the file: frame, then the sealed text, both bound to their place. */
export function encodeRecord(keys: Keys, id: string, index: number, text: string): Buffer {
  const sealed = seal(keys.journal, text, about(id, index))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(sealed.length)
  return Buffer.concat([length, frameMac(keys, id, index, sealed.length), sealed])
}

export interface ParsedJournal {
  readonly id: string
  readonly entries: readonly string[]
  /** Where each entry ends, in bytes from the start of the file. */
  readonly ends: readonly number[]
  /** Whether something follows that is no entry: torn off, or no longer what was written. */
  readonly rest: 'nothing' | 'too-short' | 'not-ours'
}

/** Reads as far as everything is what was written. Null: not a journal at all. */
export function parseJournal(keys: Keys, bytes: Buffer): ParsedJournal | null {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return null
  const id = bytes.subarray(magic.length, headerBytes).toString('base64url')
  const entries: string[] = []
  const ends: number[] = []
  let at = headerBytes
  const stop = (rest: ParsedJournal['rest']): ParsedJournal => ({ id, entries, ends, rest })
  while (at < bytes.length) {
    const body = at + frameBytes
    if (body > bytes.length) return stop('too-short')
    const length = bytes.readUInt32BE(at)
    const mac = frameMac(keys, id, entries.length, length)
    if (!timingSafeEqual(mac, bytes.subarray(at + 4, body))) return stop('not-ours')
    if (body + length > bytes.length) return stop('too-short')
    const sealed = bytes.subarray(body, body + length)
    const text = unseal(keys.journal, sealed, about(id, entries.length))
    if (text === null) return stop('not-ours')
    at = body + length
    entries.push(text)
    ends.push(at)
  }
  return stop('nothing')
}
