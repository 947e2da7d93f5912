import { canonicalBadge, isDegenerate, wiegandTechnology } from './canonical.ts'
import type { Strip } from './pcprox-protocol.ts'
import { decodeWiegand, h10301, restoreParity, type Word } from './wiegand.ts'

export type SiteFormat = 'H10301' | 'raw'

export type Identified =
  | { readonly ok: true; readonly badge: string }
  /** `degenerate`: all zeros or all ones. `parity`: the site's length, but not its parity. */
  | { readonly ok: false; readonly reason: 'degenerate' | 'parity' }

/**
 * The badge in a card's word. A word of the site's format is decoded, with its parity checked where
 * the reader left it and computed where the reader stripped it, so that mixed readers agree. A word
 * of any other length is a foreign card and keeps its raw bits, which no one here owns.
 */
export function identifyCard(word: Word, strip: Strip, format: SiteFormat): Identified {
  if (isDegenerate(word)) return { ok: false, reason: 'degenerate' }
  if (format === 'raw') return raw(word)
  const whole = restoreParity(h10301, word, strip)
  if (!whole) return raw(word)
  const card = decodeWiegand(h10301, whole)
  if (!card.ok) return { ok: false, reason: 'parity' }
  const { facility, number } = card
  if ((facility === 0 && number === 0) || (facility === 0xff && number === 0xffff)) {
    return { ok: false, reason: 'degenerate' }
  }
  return {
    ok: true,
    badge: canonicalBadge({
      technology: wiegandTechnology,
      format: 'H10301',
      bits: 26,
      facility,
      number,
    }),
  }
}

/** The raw identity, also of a word whose parity is wrong but which the card really holds. */
export function rawBadge(word: Word): string {
  return canonicalBadge({ technology: wiegandTechnology, format: 'RAW', ...word })
}

const raw = (word: Word): Identified => ({ ok: true, badge: rawBadge(word) })
