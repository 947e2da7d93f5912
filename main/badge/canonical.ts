import { encodeWiegand, h10301, type CardNumber, type Word } from './wiegand.ts'

/**
 * A badge's identity, the same whichever reader read it:
 * `technology|format|bitLength|facility|number` in decimal, or `technology|RAW|bitLength|hex` with
 * the most significant bit first. Personal data: never logged, never stored as it is.
 */
export type Badge =
  | ({
      readonly technology: string
      readonly format: 'H10301'
      readonly bits: 26
    } & CardNumber)
  | {
      readonly technology: string
      readonly format: 'RAW'
      readonly bits: number
      readonly value: bigint
    }

/** Readers that hand over a Wiegand word do not say over which air interface it came. */
export const wiegandTechnology = 'WIEGAND'

/**
 * Throws a RangeError for a word of all zeros or all ones (nothing in the field, or a stuck line)
 * and for numbers that do not fit.
 */
export function canonicalBadge(badge: Badge): string {
  const word = dataOf(badge)
  if (isDegenerate(word)) {
    throw new RangeError(`A badge of ${word.bits} equal bits is no badge; check the reader.`)
  }
  return badge.format === 'RAW'
    ? `${badge.technology}|RAW|${badge.bits}|${toHex(word)}`
    : `${badge.technology}|H10301|26|${badge.facility}|${badge.number}`
}

/** Null for anything that `canonicalBadge` cannot have written. */
export function parseCanonicalBadge(text: string): Badge | null {
  const badge = read(text)
  if (!badge) return null
  try {
    return canonicalBadge(badge) === text ? badge : null
  } catch {
    return null
  }
}

/** All zeros or all ones over the bits that carry data. */
export const isDegenerate = (word: Word): boolean =>
  word.value === 0n || word.value === (1n << BigInt(word.bits)) - 1n

function read(text: string): Badge | null {
  const [technology = '', format, bits, first = '', second] = text.split('|')
  if (!/^[A-Z0-9-]{1,16}$/.test(technology)) return null
  if (format === 'H10301') {
    if (bits !== '26' || !isNumber(first) || !second || !isNumber(second)) return null
    return { technology, format, bits: 26, facility: Number(first), number: Number(second) }
  }
  if (format !== 'RAW' || !bits || !isNumber(bits) || !/^[0-9a-f]{1,64}$/.test(first)) return null
  return { technology, format, bits: Number(bits), value: BigInt(`0x${first}`) }
}

const isNumber = (text: string) => /^(0|[1-9]\d{0,9})$/.test(text)

const toHex = ({ bits, value }: Word) => value.toString(16).padStart(Math.ceil(bits / 4), '0')

/** The bits without parity, so that a reader that strips it refuses the same badges. */
function dataOf(badge: Badge): Word {
  if (badge.format === 'H10301') {
    const { value } = encodeWiegand(h10301, badge)
    return { bits: 24, value: (value >> 1n) & 0xff_ffffn }
  }
  if (!Number.isInteger(badge.bits) || badge.bits < 4 || badge.bits > 256) {
    throw new RangeError(`A badge has 4 to 256 bits, got ${badge.bits}.`)
  }
  if (badge.value < 0n || badge.value >= 1n << BigInt(badge.bits)) {
    throw new RangeError(`The badge's value does not fit ${badge.bits} bits.`)
  }
  return badge
}
