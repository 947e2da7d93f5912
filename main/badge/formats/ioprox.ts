import { canonicalBadge, isDegenerate } from '../canonical.ts'
import type { Word } from './engine.ts'

export interface IoProxCard {
  readonly version: number
  readonly facility: number
  readonly number: number
}

/** The bytes of a frame, each between a leading 0 or 1: preamble, F0, facility, version, number. */
const separators = [0, 1, 1, 1, 1, 1] as const

/** The frame of 64 bits that a Kantech ioProx card sends. Throws a RangeError for other numbers. */
export function encodeIoProx(card: IoProxCard): Word {
  const bytes = bytesOf(card)
  let value = 0n
  for (const [index, byte] of [...bytes, checksum(bytes)].entries()) {
    value = (value << 9n) | (BigInt(byte) << 1n) | BigInt(separators[index] ?? 0)
  }
  // The last byte has two stop bits.
  return { bits: 64, value: ((value >> 1n) << 2n) | 3n }
}

export type IoProxDecoded =
  | { readonly ok: true; readonly card: IoProxCard }
  | { readonly ok: false; readonly reason: 'length' | 'layout' | 'checksum' }

/** Refuses a frame with a wrong fixed bit or checksum (FF less the sum of the five bytes before). */
export function decodeIoProx({ bits, value }: Word): IoProxDecoded {
  if (bits !== 64 || value >> 64n !== 0n) return { ok: false, reason: 'length' }
  const byte = (index: number) => Number((value >> BigInt(56 - 9 * index)) & 0xffn)
  const card = {
    facility: byte(2),
    version: byte(3),
    number: (byte(4) << 8) | byte(5),
  }
  const whole = encodeIoProx(card).value
  if (value === whole) return { ok: true, card }
  const differs = value ^ whole
  return { ok: false, reason: (differs & ~(0xffn << 2n)) === 0n ? 'checksum' : 'layout' }
}

/** As readers print it: `XSF(vv)ff:nnnnn`, the facility in hexadecimal. */
export const renderXsf = ({ version, facility, number }: IoProxCard): string =>
  `XSF(${pad(version, 2)})${facility.toString(16).padStart(2, '0')}:${pad(number, 5)}`

export function parseXsf(text: string): IoProxCard | null {
  const [, version, facility, number] = /^XSF\((\d{2,3})\)([0-9a-f]{2}):(\d{5})$/i.exec(text) ?? []
  const card = {
    version: Number(version),
    facility: Number.parseInt(facility ?? '', 16),
    number: Number(number),
  }
  // Written again it must be the same: no version 004, no number beyond its field.
  return fits(card) && renderXsf(card).toLowerCase() === text.toLowerCase() ? card : null
}

/** Null where the numbers are all zeros or all ones. */
export function ioProxBadge(card: IoProxCard): string | null {
  const [, , facility = 0, version = 0] = bytesOf(card)
  const value = BigInt(version) * 2n ** 24n + BigInt(facility * 2 ** 16 + card.number)
  const word = { bits: 32, value }
  return isDegenerate(word)
    ? null
    : canonicalBadge({ technology: 'IOPROX', format: 'RAW', ...word })
}

function bytesOf(card: IoProxCard): readonly number[] {
  if (!fits(card)) throw new RangeError('An ioProx card has numbers of 8, 8 and 16 bits.')
  const { version, facility, number } = card
  return [0, 0xf0, facility, version, number >> 8, number & 0xff]
}

const checksum = (bytes: readonly number[]): number =>
  0xff - (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff)

const fits = ({ version, facility, number }: IoProxCard): boolean =>
  isUint(version, 0xff) && isUint(facility, 0xff) && isUint(number, 0xffff)

const isUint = (value: number, max: number) => Number.isInteger(value) && value >= 0 && value <= max

const pad = (value: number, digits: number) => String(value).padStart(digits, '0')
