/** A card's word: `value` of `bits` bits; bit 0 is the first transmitted, the most significant. */
export interface Word {
  readonly bits: number
  readonly value: bigint
}

interface Field {
  readonly at: number
  readonly length: number
}

interface Parity {
  readonly kind: 'even' | 'odd'
  readonly at: number
  /** First and last position that the bit covers. */
  readonly from: number
  readonly to: number
}

/** A card format as data; layouts are in public tables, length and parity never identify one. */
export interface WiegandFormat {
  readonly name: string
  readonly bits: number
  readonly facility: Field
  readonly number: Field
  readonly parity: readonly Parity[]
}

export interface CardNumber {
  readonly facility: number
  readonly number: number
}

/** HID's open 26-bit format: P F8 C16 P. */
export const h10301: WiegandFormat = {
  name: 'H10301',
  bits: 26,
  facility: { at: 1, length: 8 },
  number: { at: 9, length: 16 },
  parity: [
    { kind: 'even', at: 0, from: 1, to: 12 },
    { kind: 'odd', at: 25, from: 13, to: 24 },
  ],
}

/** Throws a RangeError when a number does not fit its field. */
export function encodeWiegand(format: WiegandFormat, card: CardNumber): Word {
  const data =
    place(format, format.facility, card.facility) | place(format, format.number, card.number)
  return withParity(format, { bits: format.bits, value: data })
}

/** Refuses a word of another length or with any wrong parity bit. */
export function decodeWiegand(
  format: WiegandFormat,
  word: Word,
):
  | ({ readonly ok: true } & CardNumber)
  | { readonly ok: false; readonly reason: 'length' | 'parity' } {
  if (word.bits !== format.bits) return { ok: false, reason: 'length' }
  if (withParity(format, word).value !== word.value) return { ok: false, reason: 'parity' }
  return {
    ok: true,
    facility: extract(word, format.facility),
    number: extract(word, format.number),
  }
}

/**
 * The whole word of a payload whose outer parity bits a reader stripped, with those bits computed
 * anew; null when the payload is not this format minus its parity bits. What the reader left is kept, unverified.
 */
export function restoreParity(
  format: WiegandFormat,
  payload: Word,
  strip: { readonly lead: number; readonly trail: number },
): Word | null {
  if (payload.bits + strip.lead + strip.trail !== format.bits) return null
  const stripped = format.parity.filter(
    ({ at }) => at < strip.lead || at >= format.bits - strip.trail,
  )
  if (stripped.length !== strip.lead + strip.trail) return null
  const word = { bits: format.bits, value: payload.value << BigInt(strip.trail) }
  return withParity(format, word, stripped)
}

function withParity(format: WiegandFormat, word: Word, rules = format.parity): Word {
  let { value } = word
  for (const rule of rules) {
    const mask = 1n << BigInt(format.bits - 1 - rule.at)
    const odd = countOnes(extractBig(word, rule.from, rule.to - rule.from + 1)) % 2 === 1
    value = odd === (rule.kind === 'even') ? value | mask : value & ~mask
  }
  return { bits: word.bits, value }
}

function place(format: WiegandFormat, field: Field, value: number): bigint {
  const limit = 2 ** field.length
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new RangeError(`${format.name}: got ${value}, expected an integer from 0 to ${limit - 1}`)
  }
  return BigInt(value) << BigInt(format.bits - field.at - field.length)
}

const extract = (word: Word, field: Field): number =>
  Number(extractBig(word, field.at, field.length))

const extractBig = (word: Word, at: number, length: number): bigint =>
  (word.value >> BigInt(word.bits - at - length)) & ((1n << BigInt(length)) - 1n)

function countOnes(value: bigint): number {
  let count = 0
  for (let rest = value; rest > 0n; rest &= rest - 1n) count += 1
  return count
}
