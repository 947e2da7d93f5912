import { canonicalBadge, isDegenerate } from '../canonical.ts'

interface Part {
  /** Position of the part's lowest bit in the 40-bit number. */
  readonly shift: number
  readonly bits: number
  readonly digits: number
}

interface Rendering {
  readonly parts: readonly Part[]
  readonly radix: 10 | 16
  /** The bits of each byte are turned round first ("unique tag id"). */
  readonly reversed: boolean
  /** What the kept bits are called, so that different excerpts never look like one card. */
  readonly technology: string
}

const decimal = (technology: string, ...parts: readonly Part[]): Rendering => ({
  parts,
  radix: 10,
  reversed: false,
  technology,
})
const part = (shift: number, bits: number, digits: number): Part => ({ shift, bits, digits })
const low16 = part(0, 16, 5)

/** How readers print the 40 bits of an EM4102 tag. Most print only some of them. */
const renderings = {
  DEZ8: decimal('EM4102', part(0, 24, 8)),
  DEZ10: decimal('EM4102', part(0, 32, 10)),
  'DEZ5.5': decimal('EM4102', part(16, 16, 5), low16),
  'DEZ3.5A': decimal('EM4102-35A', part(32, 8, 3), low16),
  'DEZ3.5B': decimal('EM4102-35B', part(24, 8, 3), low16),
  'DEZ3.5C': decimal('EM4102', part(16, 8, 3), low16),
  DEZ14: decimal('EM4102', part(0, 40, 14)),
  DEZ15: { ...decimal('EM4102', part(0, 40, 15)), reversed: true },
  HEX: { ...decimal('EM4102', part(0, 40, 10)), radix: 16 },
  'HEX-REVERSED': { ...decimal('EM4102', part(0, 40, 10)), radix: 16, reversed: true },
} as const satisfies Record<string, Rendering>

export type Em4102Rendering = keyof typeof renderings
export const em4102Renderings = Object.keys(renderings) as readonly Em4102Rendering[]

/** What a reader so set up prints for a tag. `id`: the tag's 40 bits; a RangeError if there are more. */
export function renderEm4102(id: bigint, name: Em4102Rendering): string {
  const { parts, radix, reversed } = rendering(name)
  const source = reversed ? reverseBytes(checked(id)) : checked(id)
  return parts
    .map(({ shift, bits, digits }) =>
      BigInt.asUintN(bits, source >> BigInt(shift))
        .toString(radix)
        .toUpperCase()
        .padStart(digits, '0'),
    )
    .join('.')
}

/**
 * The badge of a printed number; null when no tag prints so. Renderings that keep the same bits
 * give the same badge (DEZ8 and DEZ3.5C; DEZ10 and DEZ5.5; those of all 40 bits).
 */
export function em4102FromText(text: string, name: Em4102Rendering): string | null {
  const { parts, radix, reversed, technology } = rendering(name)
  const pieces = text.split('.')
  if (pieces.length !== parts.length) return null
  let value = 0n
  let bits = 0
  for (const [index, piece] of pieces.entries()) {
    const digits = parts[index]?.digits ?? 0
    const length = parts[index]?.bits ?? 0
    if (piece.length !== digits || !(radix === 16 ? /^[0-9a-f]+$/i : /^\d+$/).test(piece))
      return null
    const number = BigInt(radix === 16 ? `0x${piece}` : piece)
    if (number >> BigInt(length) !== 0n) return null
    value = (value << BigInt(length)) | number
    bits += length
  }
  const word = { bits, value: reversed ? reverseBytes(value) : value }
  return isDegenerate(word) ? null : canonicalBadge({ technology, format: 'RAW', ...word })
}

/**
 * The badge of a tag of which a reader gives all 40 bits, at a site where others print `name`: all
 * readers of a site must keep the same bits. Null when those are all zeros or all ones.
 */
export const em4102FromId = (id: bigint, name: Em4102Rendering): string | null =>
  em4102FromText(renderEm4102(id, name), name)

const rendering = (name: Em4102Rendering): Rendering => renderings[name]

function checked(id: bigint): bigint {
  if (id >= 0n && id >> 40n === 0n) return id
  throw new RangeError('An EM4102 tag has 40 bits; got more.')
}

/** Each of five bytes with its bits in the other order. */
function reverseBytes(id: bigint): bigint {
  let reversed = 0n
  for (let at = 32n; at >= 0n; at -= 8n) {
    for (let bit = 0n; bit < 8n; bit += 1n) reversed = (reversed << 1n) | ((id >> (at + bit)) & 1n)
  }
  return reversed
}
