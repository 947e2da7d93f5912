import { wiegandFormat } from './formats/catalogue.ts'
import {
  decodeWord,
  encodeCard,
  restoreStripped,
  type WiegandFormat,
  type Word,
} from './formats/engine.ts'

export type { WiegandFormat, Word } from './formats/engine.ts'

/** The numbers of a card as numbers: no field of a documented format is longer than 38 bits. */
export interface CardNumber {
  readonly facility: number
  readonly number: number
  readonly issue?: number
  readonly oem?: number
}

/** HID's open 26-bit format: P F8 C16 P. */
export const h10301 = wiegandFormat('H10301')

/** Throws a RangeError when a number does not fit its field. */
export function encodeWiegand(format: WiegandFormat, card: CardNumber): Word {
  return encodeCard(format, {
    facility: BigInt(card.facility),
    number: BigInt(card.number),
    issue: BigInt(card.issue ?? 0),
    oem: BigInt(card.oem ?? 0),
  })
}

/** Refuses a word of another length, with a wrong fixed bit or with any wrong parity bit. */
export function decodeWiegand(
  format: WiegandFormat,
  word: Word,
):
  | ({ readonly ok: true } & CardNumber)
  | { readonly ok: false; readonly reason: 'length' | 'layout' | 'parity' } {
  const decoded = decodeWord(format, word)
  if (!decoded.ok) return decoded
  const { facility, number, issue, oem } = decoded.card
  return {
    ok: true,
    facility: Number(facility),
    number: Number(number),
    ...(issue === undefined ? {} : { issue: Number(issue) }),
    ...(oem === undefined ? {} : { oem: Number(oem) }),
  }
}

/**
 * The whole word of a payload whose outer bits a reader stripped, with those bits computed anew;
 * null when the payload is not this format minus bits that hold no data. What the reader left is
 * kept, unverified.
 */
export const restoreParity = restoreStripped
