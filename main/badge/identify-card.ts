import {
  canonicalBadge,
  isDegenerate,
  isRawWord,
  strippedTechnology,
  wiegandTechnology,
} from './canonical.ts'
import { wiegandFormat, type SiteFormat } from './formats/catalogue.ts'
import { dataOf, decodeWord, repairParity, restoreStripped, type Word } from './formats/engine.ts'
import type { Strip } from './pcprox-protocol.ts'

export type { SiteFormat } from './formats/catalogue.ts'

export type Identified =
  | { readonly ok: true; readonly badge: string }
  /**
   * `degenerate`: all zeros or all ones. `parity`, `layout`: the site's length, but not its parity
   * or not its fixed bits: a reading error, or a foreign card of the same length. `length`: of so
   * few or so many bits that it is no card.
   */
  | {
      readonly ok: false
      readonly reason: 'degenerate' | 'parity' | 'parity-stripped' | 'layout' | 'length'
    }

/**
 * `restore`: parity is computed where the reader stripped it and checked where it left it.
 * `require`: stripped parity is refused. `ignore`: wrong parity is accepted.
 */
export type ParityPolicy = 'restore' | 'require' | 'ignore'

/**
 * The badge in a card's word. A word of the site's format is decoded, with its parity checked where
 * the reader left it and computed where the reader stripped it, so that mixed readers agree. A word
 * of any other length is a foreign card and keeps its raw bits, which no one here owns. The format
 * is what the site says: length and parity never identify one.
 */
export function identifyCard(
  word: Word,
  strip: Strip,
  site: SiteFormat,
  parity: ParityPolicy = 'restore',
): Identified {
  if (!isRawWord(word)) return { ok: false, reason: 'length' }
  if (isDegenerate(word)) return { ok: false, reason: 'degenerate' }
  if (site === 'raw') return raw(word, strip)
  const format = wiegandFormat(site)
  const whole = restoreStripped(format, word, strip)
  if (!whole) return raw(word, strip)
  if (parity === 'require' && format.parity.length > 0 && strip.lead + strip.trail > 0) {
    return { ok: false, reason: 'parity-stripped' }
  }
  const decoded = decodeWord(format, parity === 'ignore' ? repairParity(format, whole) : whole)
  if (!decoded.ok) {
    return { ok: false, reason: decoded.reason === 'parity' ? 'parity' : 'layout' }
  }
  const { card } = decoded
  if (isDegenerate(dataOf(format, card))) return { ok: false, reason: 'degenerate' }
  const { name, bits } = format
  return {
    ok: true,
    badge: canonicalBadge({ technology: wiegandTechnology, format: name, bits, ...card }),
  }
}

/** The raw identity, also of a word whose parity is wrong but which the card really holds. */
export function rawBadge(word: Word, strip: Strip = { lead: 0, trail: 0 }): string {
  const technology = strip.lead + strip.trail > 0 ? strippedTechnology : wiegandTechnology
  return canonicalBadge({ technology, format: 'RAW', ...word })
}

const raw = (word: Word, strip: Strip): Identified => ({ ok: true, badge: rawBadge(word, strip) })
