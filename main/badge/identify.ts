import { canonicalBadge, isDegenerate, isRawWord } from './canonical.ts'
import type { CardData, ReaderIdentity } from './card-data.ts'
import type { EnrolmentRefusal } from './enrolment-refusal.ts'
import { awidFromAir, decodeAwid } from './formats/awid.ts'
import { identifyChip, type ChipName } from './formats/chip-uid.ts'
import { em4102FromId, em4102FromText } from './formats/em4102.ts'
import type { Word } from './formats/engine.ts'
import { decodeIoProx, ioProxBadge, parseXsf } from './formats/ioprox.ts'
import { identifyCard } from './identify-card.ts'
import type { Inspection } from './inspection.ts'
import { readWrittenWord } from './written-word.ts'
import { selectProfile, type Site } from './select-profile.ts'
import type { SiteProfile } from './site-profile.ts'

export { rawBadge } from './identify-card.ts'

export type NoBadge = Extract<Inspection['result'], { outcome: 'no-badge' }>['reason']

export type Identified =
  | {
      readonly ok: true
      /** Canonical identity. Personal data. */
      readonly badge: string
      readonly refusedAtEnrolment: EnrolmentRefusal | null
    }
  | { readonly ok: false; readonly reason: NoBadge }

type Profile<C extends SiteProfile['cards']> = Extract<SiteProfile, { cards: C }>

const whole = { lead: 0, trail: 0 }
const no = (reason: NoBadge): Identified => ({ ok: false, reason })
const badge = (canonical: string | null): Identified =>
  canonical === null ? no('degenerate') : { ok: true, badge: canonical, refusedAtEnrolment: null }

/**
 * The badge that a reader's data is at this site; the same for every reader that reads the card.
 * Never throws, whatever was read.
 */
export function identify(data: CardData, reader: ReaderIdentity, site: Site): Identified {
  const profile = selectProfile(data, reader, site)
  switch (data.type) {
    case 'word':
      return ofWord(data, profile, site)
    case 'chip':
      return ofChip(data, profile)
    case 'frame':
      return ofFrame(data, profile)
    case 'text':
      return profile ? ofText(data, profile) : no('no-profile')
  }
}

function ofWord(
  { word, strip }: Extract<CardData, { type: 'word' }>,
  profile: SiteProfile | null,
  site: Site,
): Identified {
  const parityStripped = strip.lead + strip.trail > 0
  switch (profile?.cards) {
    case undefined:
    case 'text':
      return lift(identifyCard(word, strip, site.format))
    case 'wiegand':
      return lift(identifyCard(word, strip, profile.format, profile.parity))
    // Of these the stripped bits were data, and are gone.
    case 'chip':
      return parityStripped ? no('parity-stripped') : ofBytes(bytesOf(word), profile.chip, profile)
    case 'em4102':
      return parityStripped ? no('parity-stripped') : ofEm4102(word, profile)
    case 'awid':
      return parityStripped ? no('parity-stripped') : ofAwid(word)
    case 'ioprox':
      return parityStripped ? no('parity-stripped') : ofIoProx(word)
  }
}

function ofChip(
  data: Extract<CardData, { type: 'chip' }>,
  profile: SiteProfile | null,
): Identified {
  if (profile?.cards !== 'chip') return fromChip(data.chip, data.bytes, data.order)
  if (profile.length !== null && profile.length !== data.bytes.length) return no('length')
  // The site knows more than the reader: which product the cards of this air interface are.
  const chip = refines(profile.chip, data.chip) ? profile.chip : data.chip
  return fromChip(chip, data.bytes, data.order)
}

const refines = (site: ChipName, reader: ChipName): boolean =>
  reader === 'ISO14443A' && ['MIFARE-CLASSIC', 'ULTRALIGHT', 'DESFIRE', 'SEOS'].includes(site)

function ofFrame(
  { technology, word }: Extract<CardData, { type: 'frame' }>,
  profile: SiteProfile | null,
): Identified {
  switch (technology) {
    case 'EM4102':
      return ofEm4102(word, profile?.cards === 'em4102' ? profile : { rendering: 'HEX' })
    case 'AWID':
      return ofAwid(word)
    case 'IOPROX':
      return ofIoProx(word)
    case 'INDALA':
    case 'LEGIC':
    case 'COTAG':
    case 'NEXWATCH':
    case 'GPROX':
    case 'PYRAMID':
    case 'KERI':
    case 'T55X7':
      if (!isRawWord(word)) return no('length')
      return isDegenerate(word)
        ? no('degenerate')
        : badge(canonicalBadge({ technology, format: 'RAW', ...word }))
  }
}

function ofText(
  { text, medium }: Extract<CardData, { type: 'text' }>,
  profile: SiteProfile,
): Identified {
  switch (profile.cards) {
    case 'wiegand': {
      const word = readWrittenWord(text, profile)
      return word.ok
        ? lift(identifyCard(word.word, whole, profile.format, profile.parity))
        : no(word.reason)
    }
    case 'chip': {
      const hex = text.replaceAll(/[\s:-]/g, '')
      if (!/^([0-9a-f]{2}){4,10}$/i.test(hex)) return no('unreadable')
      return ofBytes(Buffer.from(hex, 'hex'), profile.chip, profile)
    }
    case 'em4102': {
      const canonical = em4102FromText(text, profile.rendering)
      return canonical === null ? no('unreadable') : badge(canonical)
    }
    case 'ioprox': {
      const card = parseXsf(text)
      return card ? badge(ioProxBadge(card)) : no('unreadable')
    }
    case 'text':
      return ofCharacters(text, medium, profile)
    case 'awid':
      return no('no-profile')
  }
}

/** The characters themselves are the badge; printable ASCII, so that two scanners agree. */
function ofCharacters(
  text: string,
  medium: 'BARCODE' | 'MAGSTRIPE' | 'PRINTED',
  { prefix, length }: Profile<'text'>,
): Identified {
  if (!text.startsWith(prefix)) return no('layout')
  const number = text.slice(prefix.length)
  if (number.length !== length) return no('length')
  if (!/^[\x21-\x7e]+$/.test(number)) return no('unreadable')
  if (/^(.)\1*$/.test(number)) return no('degenerate')
  const value = BigInt(`0x${Buffer.from(number, 'latin1').toString('hex')}`)
  return badge(canonicalBadge({ technology: medium, format: 'RAW', bits: 8 * length, value }))
}

const ofBytes = (
  bytes: Uint8Array,
  chip: ChipName,
  { length, order }: Pick<Profile<'chip'>, 'length' | 'order'>,
): Identified =>
  length !== null && length !== bytes.length ? no('length') : fromChip(chip, bytes, order)

function fromChip(
  chip: ChipName,
  bytes: Uint8Array,
  order: 'first-byte-first' | 'last-byte-first',
): Identified {
  const found = identifyChip({ chip, bytes, order })
  return found.ok ? found : no(found.reason)
}

function ofEm4102({ bits, value }: Word, { rendering }: Pick<Profile<'em4102'>, 'rendering'>) {
  const needed = ['DEZ8', 'DEZ3.5C'].includes(rendering)
    ? 24
    : ['DEZ10', 'DEZ5.5', 'DEZ3.5B'].includes(rendering)
      ? 32
      : 40
  if (bits > 40 || bits < needed) return no('length')
  return badge(em4102FromId(value, rendering))
}

function ofAwid(word: Word): Identified {
  const frame =
    word.bits === 96
      ? awidFromAir(word)
      : word.bits === 66
        ? word
        : // The word alone, from a reader that unwrapped it.
          { bits: word.bits + 8, value: (BigInt(word.bits) << BigInt(word.bits)) | word.value }
  if (!frame) return no('layout')
  const card = decodeAwid(frame)
  return card.ok ? badge(card.badge) : no(card.reason)
}

function ofIoProx(word: Word): Identified {
  const decoded = decodeIoProx(word)
  return decoded.ok ? badge(ioProxBadge(decoded.card)) : no(decoded.reason)
}

const bytesOf = ({ bits, value }: Word): Uint8Array =>
  Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex')

const lift = (found: ReturnType<typeof identifyCard>): Identified =>
  found.ok ? { ...found, refusedAtEnrolment: null } : found
