import type { CardData, ReaderIdentity } from './card-data.ts'
import { candidates } from './formats/catalogue.ts'
import type { Word } from './formats/engine.ts'
import { identify } from './identify.ts'
import type { Inspection } from './inspection.ts'
import { covered, maskIdentity } from './mask.ts'
import { readWrittenWord } from './written-word.ts'
import type { InspectMode } from './reader.ts'
import { selectProfile, type Site } from './select-profile.ts'
import { lengthOf, type SiteProfile } from './site-profile.ts'

/** What a reader saw and what was made of it, for the test page; masked unless `revealed`. */
export function explain(
  data: CardData,
  reader: ReaderIdentity,
  site: Site,
  mode: InspectMode,
): {
  readonly inspection: Omit<Inspection, 'reader' | 'model' | 'at'>
  readonly badge: string | null
} {
  // The same number in several formats, each with other digits covered, could be put together.
  const show = (text: string) => (mode === 'revealed' ? text : covered)
  const profile = selectProfile(data, reader, site)
  const identified = identify(data, reader, site)
  const word = wordOf(data, profile)
  return {
    inspection: {
      raw: `${sourceOf(data)}: ${show(rawOf(data))}`.slice(0, 300),
      transforms: transformsOf(data),
      candidates: word
        ? candidates(word)
            .slice(0, 40)
            .map(({ format, card, parity }) => ({
              format,
              facility: show(String(card.facility)),
              number: show(String(card.number)),
              parity,
            }))
        : [],
      profile: profile ? describe(profile) : data.type === 'word' ? `site: ${site.format}` : '',
      result: identified.ok
        ? {
            outcome: 'badge',
            identity: mode === 'revealed' ? identified.badge : maskIdentity(identified.badge),
            refusedAtEnrolment: identified.refusedAtEnrolment,
          }
        : { outcome: 'no-badge', reason: identified.reason },
    },
    badge: identified.ok ? identified.badge : null,
  }
}

function wordOf(data: CardData, profile: SiteProfile | null): Word | null {
  if (data.type === 'word') return data.strip.lead + data.strip.trail === 0 ? data.word : null
  if (data.type !== 'text' || profile?.cards !== 'wiegand') return null
  const written = readWrittenWord(data.text, profile)
  return written.ok ? written.word : null
}

function sourceOf(data: CardData): string {
  switch (data.type) {
    case 'word':
      return `${data.word.bits} bits`
    case 'chip':
      return `${data.chip}, ${data.bytes.length} bytes`
    case 'frame':
      return `${data.technology}, ${data.word.bits} bits`
    case 'text':
      return `${data.text.length} characters (${data.medium.toLowerCase()})`
  }
}

function rawOf(data: CardData): string {
  switch (data.type) {
    case 'word':
      return data.raw.length > 0
        ? hex(data.raw)
        : data.word.value.toString(2).padStart(data.word.bits, '0')
    case 'chip':
      return hex(data.bytes)
    case 'frame':
      return data.word.value.toString(16).padStart(Math.ceil(data.word.bits / 4), '0')
    case 'text':
      return data.text.replaceAll(/[^\x20-\x7e]/g, '?')
  }
}

function transformsOf(data: CardData): string[] {
  if (data.type === 'chip')
    return data.order === 'last-byte-first' ? ['printed last byte first'] : []
  if (data.type !== 'word') return []
  const { lead, trail } = data.strip
  return [
    ...data.transforms,
    ...(lead + trail > 0 ? [`the reader stripped ${lead}+${trail} parity bits`] : []),
  ]
}

function describe(profile: SiteProfile): string {
  const length = lengthOf(profile)
  const end = length === null ? '' : `, length ${length}`
  return `${profile.reader}: ${cardsOf(profile)}${end}`.slice(0, 120)
}

function cardsOf(profile: SiteProfile): string {
  switch (profile.cards) {
    case 'wiegand':
      return `${profile.format}, parity ${profile.parity}`
    case 'chip':
      return `${profile.chip}, ${profile.order}`
    case 'em4102':
      return `EM4102 ${profile.rendering}`
    case 'ioprox':
      return 'ioProx'
    case 'awid':
      return 'AWID'
    case 'text':
      return 'characters'
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
