import type { CardData, ReaderIdentity } from './card-data.ts'
import type { SiteFormat } from './formats/catalogue.ts'
import { lengthOf, type SiteProfile } from './site-profile.ts'

/** What a site says of its readers: the profiles, and the format for what none of them is about. */
export interface Site {
  readonly format: SiteFormat
  readonly profiles: readonly SiteProfile[]
}

/**
 * The profile that says what `data` is: of those for this reader and this kind of card the one that
 * names the reader most closely, then the one that names the length, then the first. Null: none,
 * and the site's format decides.
 */
export function selectProfile(
  data: CardData,
  reader: ReaderIdentity,
  { profiles }: Pick<Site, 'profiles'>,
): SiteProfile | null {
  let best: { readonly profile: SiteProfile; readonly rank: number } | null = null
  for (const profile of profiles) {
    const closeness = closenessOf(profile.reader, reader)
    if (closeness === 0 || !isAbout(profile, data)) continue
    const rank = 4 * closeness + lengthRank(profile, data)
    if (best === null || rank > best.rank) best = { profile, rank }
  }
  return best?.profile ?? null
}

/** 0: another reader; the higher, the more closely it is named. */
function closenessOf(selector: string, reader: ReaderIdentity): number {
  if (selector === '*') return 1
  if (selector === reader.kind) return 2
  const [kind = '', ...rest] = selector.split(':')
  const name = rest.join(':')
  if (kind === 'pcsc')
    return reader.kind === 'pcsc' && reader.name.toLowerCase().includes(name.toLowerCase()) ? 4 : 0
  if (kind === 'serial') return reader.kind === 'serial' && reader.name === name ? 4 : 0
  return selector === usbId(reader) ? 3 : 0
}

/**
 * A length that fits stands above no length, and no length above one that does not fit: such a
 * profile still says that the site has no such cards, unless another one is about them.
 */
function lengthRank(profile: SiteProfile, data: CardData): number {
  const length = lengthOf(profile)
  if (length === null) return 1
  if (profile.cards === 'chip' && data.type === 'chip') return length === data.bytes.length ? 2 : 0
  if (profile.cards === 'text' && data.type === 'text') {
    const { prefix } = profile
    return data.text.startsWith(prefix) && data.text.length === prefix.length + length ? 2 : 0
  }
  return 2
}

function isAbout(profile: SiteProfile, data: CardData): boolean {
  const length = lengthOf(profile)
  switch (data.type) {
    case 'word': {
      const bits = data.word.bits + data.strip.lead + data.strip.trail
      switch (profile.cards) {
        case 'wiegand':
          return length === null || length === bits
        case 'chip':
          return (
            bits % 8 === 0 && (length === null ? bits >= 32 && bits <= 80 : length * 8 === bits)
          )
        case 'em4102':
          return bits === 40 || bits === 32
        case 'ioprox':
          return bits === 64
        case 'awid':
          return true
        case 'text':
          return false
      }
      break
    }
    case 'chip':
      return profile.cards === 'chip'
    case 'frame':
      return (
        (profile.cards === 'em4102' && data.technology === 'EM4102') ||
        (profile.cards === 'awid' && data.technology === 'AWID') ||
        (profile.cards === 'ioprox' && data.technology === 'IOPROX')
      )
    case 'text':
      // Who prints a bar code's characters and who prints a word, only the profile can say.
      return profile.cards !== 'awid'
  }
}

const usbId = ({ vendorId, productId }: ReaderIdentity): string | null =>
  vendorId === null || productId === null
    ? null
    : `${vendorId.toString(16).padStart(4, '0')}:${productId.toString(16).padStart(4, '0')}`
