import { canonicalBadge, isDegenerate } from '../canonical.ts'
import { compileFormat, decodeWord, type Word } from './engine.ts'
import { even, odd, span, type Layout } from './layout.ts'

/** The lengths whose fields are public. After the first bit, a parity bit, come both numbers. */
const fields: Readonly<Record<number, readonly [facility: number, number: number]>> = {
  26: [8, 16],
  34: [8, 24],
  36: [11, 18],
  37: [13, 18],
  50: [16, 32],
}

/** The lengths whose parity is confirmed by published examples: each half of the data. */
const checkedLengths = [26, 50].map((bits) => {
  const middle = bits / 2 - 1
  const layout: Layout = {
    title: `AWID ${bits}-bit`,
    bits,
    fields: { number: span(1, bits - 2) },
    parity: [even(0, span(1, middle)), odd(bits - 1, span(middle + 1, bits - 2))],
  }
  return compileFormat(`AWID${bits}`, layout)
})

export type AwidCard =
  | {
      readonly ok: true
      /** The word, of as many bits as the frame says; the badge is all of it. */
      readonly word: Word
      readonly badge: string
      /** Null for lengths whose fields are not public. */
      readonly facility: bigint | null
      readonly number: bigint | null
      /** False: this length's parity is not public. */
      readonly parity: boolean
    }
  | { readonly ok: false; readonly reason: 'length' | 'layout' | 'parity' | 'degenerate' }

/**
 * An AWID frame: a byte that says how many bits the word has, the word, and zeros. As readers hand
 * it over, or from `awidFromAir`.
 */
export function decodeAwid(frame: Word): AwidCard {
  const rest = frame.bits - 8
  if (rest < 1 || frame.value >> BigInt(frame.bits) !== 0n) return { ok: false, reason: 'length' }
  const bits = Number(frame.value >> BigInt(rest))
  if (bits < 26 || bits > rest) return { ok: false, reason: 'length' }
  const padding = BigInt(rest - bits)
  if (BigInt.asUintN(Number(padding), frame.value) !== 0n) return { ok: false, reason: 'layout' }
  const word = { bits, value: BigInt.asUintN(bits, frame.value >> padding) }
  const checked = checkedLengths.find((format) => format.bits === bits)
  if (checked && !decodeWord(checked, word).ok) return { ok: false, reason: 'parity' }
  const data = { bits: bits - 2, value: BigInt.asUintN(bits - 2, word.value >> 1n) }
  if (isDegenerate(word) || isDegenerate(data)) return { ok: false, reason: 'degenerate' }
  const badge = canonicalBadge({ technology: 'AWID', format: 'RAW', ...word })
  const [facility, number] = fields[bits] ?? []
  const at = (from: number, length: number) =>
    BigInt.asUintN(length, word.value >> BigInt(bits - from - length))
  return {
    ok: true,
    word,
    badge,
    facility: facility === undefined ? null : at(1, facility),
    number: facility === undefined || number === undefined ? null : at(1 + facility, number),
    parity: checked !== undefined,
  }
}

/** The frame in 96 bits as sent: 00000001, then groups of three bits with odd parity. */
export function awidFromAir(air: Word): Word | null {
  if (air.bits !== 96 || air.value >> 88n !== 1n) return null
  let value = 0n
  for (let shift = 84n; shift >= 0n; shift -= 4n) {
    const group = Number((air.value >> shift) & 0xfn)
    if ([1, 2, 4, 7, 8, 11, 13, 14].includes(group)) value = (value << 3n) | BigInt(group >> 1)
    else return null
  }
  return { bits: 66, value }
}
