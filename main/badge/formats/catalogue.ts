import { compileFormat, decodeWord, type Card, type WiegandFormat, type Word } from './engine.ts'
import { longLayouts } from './long-layouts.ts'
import { shortLayouts } from './short-layouts.ts'
import { undocumentedFormats } from './undocumented.ts'

const layouts = { ...shortLayouts, ...longLayouts }

/** The name of a documented format, as it stands in a badge's identity. */
export type FormatName = keyof typeof layouts

export const formatNames = Object.keys(layouts) as readonly FormatName[] as readonly [
  FormatName,
  ...FormatName[],
]

/** Second names of one layout. A badge's identity has the first, so that two sites agree. */
export const formatAliases = { N10002: 'H10306' } as const satisfies Record<string, FormatName>
export type FormatAlias = keyof typeof formatAliases

/** What a site can say that its cards are; `raw`: any word is a card, by its bits. */
export const siteFormats = [
  ...formatNames,
  ...(Object.keys(formatAliases) as FormatAlias[]),
  'raw',
] as const
export type SiteFormat = FormatName | FormatAlias | 'raw'

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(layouts, name)

const compiled: Readonly<Record<FormatName, WiegandFormat<FormatName>>> = Object.fromEntries(
  formatNames.map((name) => [name, compileFormat(name, layouts[name])]),
) as Record<FormatName, WiegandFormat<FormatName>>

export const wiegandFormat = (name: FormatName | FormatAlias): WiegandFormat<FormatName> =>
  compiled[isFormatName(name) ? name : formatAliases[name]]

export type Found =
  | { readonly state: 'documented'; readonly format: WiegandFormat<FormatName> }
  | { readonly state: 'undocumented'; readonly reason: string }
  | { readonly state: 'unknown' }

/** Looks a name up as people write it: capitals, spaces and hyphens do not count. */
export const findFormat = (name: string): Found => index.get(plain(name)) ?? { state: 'unknown' }

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const index: ReadonlyMap<string, Found> = new Map<string, Found>([
  ...[
    ...Object.entries(compiled),
    ...Object.entries({ ...formatAliases, 'Kantech KFS': 'Kantech', ISCS38: 'ISCS' } as const).map(
      ([alias, name]): [string, WiegandFormat<FormatName>] => [alias, compiled[name]],
    ),
  ].map(([name, format]): [string, Found] => [plain(name), { state: 'documented', format }]),
  ...undocumentedFormats.map(({ name, reason }): [string, Found] => [
    plain(name),
    { state: 'undocumented', reason },
  ]),
])

export interface Candidate {
  readonly format: FormatName
  readonly card: Card
  /** False: nothing but the length and fixed bits speaks for this format. */
  readonly parity: boolean
}

/**
 * The formats that a word fits, for the engineer who sets a site up. Never a decision: 37 bits
 * with good parity are three formats, and only the site knows which one it bought.
 */
export function candidates(word: Word): readonly Candidate[] {
  return formatNames.flatMap((name) => {
    const format = compiled[name]
    const decoded = decodeWord(format, word)
    return decoded.ok
      ? [{ format: name, card: decoded.card, parity: format.parity.length > 0 }]
      : []
  })
}
