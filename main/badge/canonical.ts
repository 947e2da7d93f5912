import { isFormatName, wiegandFormat, type FormatName } from './formats/catalogue.ts'
import { dataOf, encodeCard, type Card, type Word } from './formats/engine.ts'

/** A badge of a documented format. `issue` and `oem` only where the format has them. */
export interface FormatBadge {
  readonly technology: string
  readonly format: FormatName
  readonly bits: number
  readonly facility: bigint | number
  readonly number: bigint | number
  readonly issue?: bigint | number
  readonly oem?: bigint | number
}

/** A badge that is known by its bits alone. */
export interface RawBadge {
  readonly technology: string
  readonly format: 'RAW'
  readonly bits: number
  readonly value: bigint
}

/**
 * A badge's identity, the same whichever reader read it, in decimal:
 * `technology|format|bitLength|facility|number`, with `|issue` or `|oem` after it where the format
 * has such a field (facility 0 where it has none); or `technology|RAW|bitLength|hex` with the most
 * significant bit first. The issue level belongs to the identity, so that the card that replaced a
 * lost one is not the lost one. Personal data: never logged, never stored as it is.
 */
export type Badge = FormatBadge | RawBadge

/** Readers that hand over a Wiegand word do not say over which air interface it came. */
export const wiegandTechnology = 'WIEGAND'

/**
 * What a reader left of a word that it stripped and that nobody can complete: never the badge of
 * a card whose whole word has just these bits, and no badge to enrol.
 */
export const strippedTechnology = 'STRIPPED'

/** Characters that no profile reads: nobody's badge, and never one that a profile would make. */
export const unreadTechnology = 'UNREAD'

/**
 * Throws a RangeError for data of all zeros or all ones (nothing in the field, or a stuck line)
 * and for numbers that do not fit.
 */
export function canonicalBadge(badge: Badge): string {
  if (badge.format === 'RAW') {
    const word = checkedWord(badge)
    refuseDegenerate(word)
    return `${badge.technology}|RAW|${word.bits}|${toHex(word)}`
  }
  const format = wiegandFormat(badge.format)
  if (badge.bits !== format.bits) {
    throw new RangeError(`${format.name} has ${format.bits} bits, got ${badge.bits}.`)
  }
  const card = cardOf(badge)
  encodeCard(format, card)
  refuseDegenerate(dataOf(format, card))
  const parts = [badge.technology, format.name, format.bits, card.facility, card.number]
  const { issue, oem } = format.layout.fields
  if (issue) parts.push(card.issue ?? 0n)
  if (oem) parts.push(card.oem ?? 0n)
  return parts.join('|')
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

/** 4 to 256 bits, and a value that fits them. */
export const isRawWord = ({ bits, value }: Word): boolean =>
  Number.isInteger(bits) && bits >= 4 && bits <= 256 && value >= 0n && value >> BigInt(bits) === 0n

function read(text: string): Badge | null {
  const [technology = '', format = '', bits = '', ...data] = text.split('|')
  if (!/^[A-Z0-9-]{1,16}$/.test(technology) || !isNumber(bits)) return null
  if (format === 'RAW') {
    const [hex = ''] = data
    if (!/^[0-9a-f]{1,64}$/.test(hex)) return null
    return { technology, format, bits: Number(bits), value: BigInt(`0x${hex}`) }
  }
  if (!isFormatName(format) || !data.every(isNumber)) return null
  const [facility, number, last] = data.map(BigInt)
  if (facility === undefined || number === undefined) return null
  const { issue, oem } = wiegandFormat(format).layout.fields
  return {
    technology,
    format,
    bits: Number(bits),
    facility,
    number,
    ...(issue && last !== undefined ? { issue: last } : {}),
    ...(oem && last !== undefined ? { oem: last } : {}),
  }
}

const isNumber = (text: string) => /^(0|[1-9]\d{0,19})$/.test(text)

const toHex = ({ bits, value }: Word) => value.toString(16).padStart(Math.ceil(bits / 4), '0')

const cardOf = ({ facility, number, issue = 0, oem = 0 }: FormatBadge): Card => ({
  facility: BigInt(facility),
  number: BigInt(number),
  issue: BigInt(issue),
  oem: BigInt(oem),
})

function refuseDegenerate(word: Word): void {
  if (isDegenerate(word)) {
    throw new RangeError(`A badge of ${word.bits} equal bits is no badge; check the reader.`)
  }
}

function checkedWord({ bits, value }: RawBadge): Word {
  if (isRawWord({ bits, value })) return { bits, value }
  throw new RangeError(`A badge has 4 to 256 bits and a value of so many, got ${bits} bits.`)
}
