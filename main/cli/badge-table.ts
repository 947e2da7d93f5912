import type { FormatDescription } from '../badge/formats/describe.ts'

/** The list of formats for people: one line each, what is not decoded last, with its reason. */
export function formatTable(formats: readonly FormatDescription[]): string {
  const name = Math.max(...formats.map((format) => format.name.length))
  const lines = (documented: boolean) =>
    formats
      .filter((format) => format.documented === documented)
      .map((format) => `${format.name.padEnd(name)}  ${format.bits}  ${details(format)}`)
  return `${[
    ...lines(true),
    '',
    'F facility, C card number, I issue level, O OEM code, P parity; what follows is the bits that',
    'each parity bit covers, the first transmitted being 0.',
    '',
    'Known by name, but not decoded:',
    ...lines(false),
  ].join('\n')}\n`
}

function details(format: FormatDescription): string {
  if (!format.documented) return format.reason
  const { layout, parity, sameAs } = format
  const rules =
    parity === 'none'
      ? 'no parity'
      : parity === 'unknown'
        ? 'parity unknown'
        : parity.map(({ kind, at, over }) => `${kind}@${at}:${over}`).join(' ')
  return `${layout}; ${rules}${sameAs ? `; the same as ${sameAs}` : ''}`
}
