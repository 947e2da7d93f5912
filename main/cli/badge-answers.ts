import { canonicalBadge, isDegenerate, wiegandTechnology } from '../badge/canonical.ts'
import { findFormat, type FormatName } from '../badge/formats/catalogue.ts'
import { decodeWord, type Card, type WiegandFormat, type Word } from '../badge/formats/engine.ts'

/** What is said about one word. Numbers are decimal strings, since some exceed 32 bits. */
export type Answer =
  | {
      readonly valid: true
      readonly facility: string
      readonly number: string
      readonly issue?: string
      readonly oem?: string
      /** True: the word's parity was checked. False: the format has none that could be. */
      readonly parity: boolean
    }
  | { readonly valid: false; readonly reason: Refusal }

type Refusal =
  /** Not an object with two strings, the second of 1 to 256 digits 0 and 1. */
  | 'malformed'
  | 'unknown-format'
  | 'undocumented-format'
  | 'length'
  | 'layout'
  | 'parity'
  /** All zeros or all ones: no card, or a stuck line. */
  | 'degenerate'

/** Decodes by the format that is named; never throws and never guesses another. */
export function answer(name: string, bits: string): Answer {
  const found = findFormat(name)
  if (found.state !== 'documented') return { valid: false, reason: `${found.state}-format` }
  const word = binaryWord(bits)
  if (!word) return { valid: false, reason: 'malformed' }
  const decoded = decodeWord(found.format, word)
  if (!decoded.ok) return { valid: false, reason: decoded.reason }
  if (isDegenerate(word)) return { valid: false, reason: 'degenerate' }
  return {
    valid: true,
    ...decimals(decoded.card),
    parity: found.format.parity.length > 0,
  }
}

/** Answers a line `{"format":"…","bits":"…"}`; anything else is malformed. */
export function answerLine(line: string): Answer {
  const malformed = { valid: false, reason: 'malformed' } as const
  if (line.length > 4096) return malformed
  let given: unknown
  try {
    given = JSON.parse(line)
  } catch {
    return malformed
  }
  if (typeof given !== 'object' || given === null) return malformed
  const { format, bits } = given as { format?: unknown; bits?: unknown }
  return typeof format === 'string' && typeof bits === 'string' ? answer(format, bits) : malformed
}

/** The word that 1 to 256 digits 0 and 1 write, first transmitted first; null for anything else. */
export const binaryWord = (text: string): Word | null =>
  /^[01]{1,256}$/.test(text) ? { bits: text.length, value: BigInt(`0b${text}`) } : null

export const decimals = ({ facility, number, issue, oem }: Card) => ({
  facility: String(facility),
  number: String(number),
  ...(issue === undefined ? {} : { issue: String(issue) }),
  ...(oem === undefined ? {} : { oem: String(oem) }),
})

/** The identity that Lanyard derives; null where the numbers are no badge (all data bits equal). */
export function identity(format: WiegandFormat<FormatName>, card: Card): string | null {
  const { name, bits } = format
  try {
    return canonicalBadge({ technology: wiegandTechnology, format: name, bits, ...card })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
