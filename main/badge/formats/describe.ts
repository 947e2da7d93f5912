import { formatAliases, formatNames, wiegandFormat, type FormatName } from './catalogue.ts'
import { fieldNames, type Bits, type FieldName, type Layout } from './layout.ts'
import { undocumentedFormats } from './undocumented.ts'

interface FieldDescription {
  /** Positions, the most significant bit first: `1-8`, or `15,19,24` where they are scattered. */
  readonly bits: string
  readonly length: number
  /** The greatest number that fits, in decimal. */
  readonly max: string
}

/** A row of the list of formats. Names that are second names of a layout have rows too. */
export type FormatDescription =
  | {
      readonly name: string
      readonly documented: true
      readonly title: string
      readonly bits: number
      /** As it is transmitted: `P F8 C16 P`. F facility, C number, I issue, O oem, P parity. */
      readonly layout: string
      readonly fields: Readonly<Partial<Record<FieldName, FieldDescription>>>
      readonly fixed: { readonly zeros: string; readonly ones: string }
      readonly parity:
        | 'none'
        | 'unknown'
        | readonly { readonly kind: 'even' | 'odd'; readonly at: number; readonly over: string }[]
      readonly sameAs?: FormatName
      readonly note?: string
    }
  | {
      readonly name: string
      readonly documented: false
      readonly bits: number
      readonly reason: string
    }

/** Every format that is known by name, by length and then by name. */
export const formatDescriptions = (): readonly FormatDescription[] =>
  [
    ...formatNames.map((name) => describe(name)),
    ...Object.entries(formatAliases).map(([alias, name]) => ({
      ...describe(name),
      name: alias,
      sameAs: name,
    })),
    ...undocumentedFormats.map(
      ({ name, bits, reason }) => ({ name, documented: false, bits, reason }) as const,
    ),
  ].toSorted((a, b) => a.bits - b.bits || a.name.localeCompare(b.name, 'en'))

function describe(name: FormatName) {
  const { layout } = wiegandFormat(name)
  const { title, bits, zeros = [], ones = [], parity, note } = layout
  const fields: { -readonly [N in FieldName]?: FieldDescription } = {}
  for (const field of fieldNames) {
    const positions = layout.fields[field]
    if (!positions) continue
    const { length } = positions
    fields[field] = { bits: ranges(positions), length, max: String((1n << BigInt(length)) - 1n) }
  }
  return {
    name,
    documented: true,
    title,
    bits,
    layout: picture(layout),
    fields,
    fixed: { zeros: ranges(zeros), ones: ranges(ones) },
    parity:
      typeof parity === 'string'
        ? parity
        : parity.map(({ kind, at, over }) => ({ kind, at, over: ranges(over) })),
    ...(note === undefined ? {} : { note }),
  } as const
}

const letters = { facility: 'F', number: 'C', issue: 'I', oem: 'O' } as const

function picture({ bits, fields, zeros = [], ones = [] }: Layout): string {
  const roles = Array.from({ length: bits }, () => 'P')
  for (const name of fieldNames) for (const at of fields[name] ?? []) roles[at] = letters[name]
  for (const at of zeros) roles[at] = '0'
  for (const at of ones) roles[at] = '1'
  const runs = roles.join('').match(/([FCIO])\1*|P|[01]+/g) ?? []
  return runs.map((run) => (/^[FCIO]/.test(run) ? `${run[0]}${run.length}` : run)).join(' ')
}

/** `1-8,10`: runs of neighbours that rise. */
function ranges(positions: Bits): string {
  const runs: [first: number, last: number][] = []
  for (const position of positions) {
    const run = runs.at(-1)
    if (run?.[1] === position - 1) run[1] = position
    else runs.push([position, position])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
