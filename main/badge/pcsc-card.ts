import type { CardData, ReaderIdentity } from './card-data.ts'
import { parsePacs } from './formats/pacs.ts'
import { chipOf, isBare, isContactless } from './pcsc-atr.ts'
import type { PcscCard } from './pcsc-port.ts'
import { selectProfile, type Site } from './select-profile.ts'

/** What a card in a PC/SC reader was found to be. */
export type PcscReading =
  | { readonly type: 'card'; readonly data: CardData }
  /** No badge, and why; in words for the test page. */
  | { readonly type: 'no-badge'; readonly why: string }

/** PC/SC part 3, 3.2.2.1.3: the card's identifier. */
const getUid = Uint8Array.of(0xff, 0xca, 0x00, 0x00, 0x00)
/** Of OMNIKEY readers: the bits of a credential that the reader has the keys of. */
// prettier-ignore
const getPacs = Uint8Array.of(
  0xff, 0x70, 0x07, 0x6b, 0x07, 0xa0, 0x05, 0xa1, 0x03, 0x80, 0x01, 0x04, 0x00,
)

/**
 * Reads what identifies a card. A contact card is asked nothing: it is somebody's health card or key.
 *
 * @throws whatever `transmit` rejects with; an answer that says no is no error.
 */
export async function readPcscCard(
  { atr, transmit }: Pick<PcscCard, 'atr' | 'transmit'>,
  reader: ReaderIdentity,
  site: Pick<Site, 'profiles'>,
): Promise<PcscReading> {
  const omnikey = /omnikey/i.test(reader.name)
  if (!isContactless(atr) && !(omnikey && isBare(atr)))
    return { type: 'no-badge', why: 'a contact card, which is no badge' }
  if (omnikey && wantsPacs(reader, site)) {
    const answer = await transmit(getPacs)
    const word = parsePacs(answer)
    if (word) {
      const strip = { lead: 0, trail: 0 }
      return { type: 'card', data: { type: 'word', word, strip, raw: answer, transforms: [] } }
    }
  }
  // A card that is contactless only by the reader's word has no identifier of that kind.
  const uid = isContactless(atr) ? parseUid(await transmit(getUid)) : null
  if (!uid) return { type: 'no-badge', why: 'a card without an identifier' }
  const chip = chipOf(atr, uid)
  return chip
    ? { type: 'card', data: { type: 'chip', chip, bytes: uid, order: 'first-byte-first' } }
    : { type: 'no-badge', why: `an identifier of ${uid.length} bytes, which no known chip has` }
}

/** Text may be words or chips alike, so to choose for text is to choose between the two. */
const wantsPacs = (reader: ReaderIdentity, { profiles }: Pick<Site, 'profiles'>): boolean =>
  selectProfile({ type: 'text', medium: 'PRINTED', text: '' }, reader, {
    profiles: profiles.filter(({ cards }) => cards === 'wiegand' || cards === 'chip'),
  })?.cards !== 'chip'

function parseUid(answer: Uint8Array): Uint8Array | null {
  const told = answer.at(-2) === 0x90 && answer.at(-1) === 0x00
  return told && answer.length >= 6 && answer.length <= 12 ? answer.slice(0, -2) : null
}
