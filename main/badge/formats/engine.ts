import { fieldNames, type Bits, type FieldName, type Layout } from './layout.ts'

/** A card's word: `value` of `bits` bits; bit 0 is the first transmitted, the most significant. */
export interface Word {
  readonly bits: number
  readonly value: bigint
}

/** The numbers of a card. `facility` is 0 where the format has none; the others are left out. */
export interface Card {
  readonly facility: bigint
  readonly number: bigint
  readonly issue?: bigint
  readonly oem?: bigint
}

/** A layout ready for use: masks instead of lists of positions. */
export interface WiegandFormat<Name extends string = string> {
  readonly name: Name
  readonly bits: number
  readonly layout: Layout
  readonly fields: readonly Field[]
  readonly parity: readonly Rule[]
  readonly fixed: { readonly mask: bigint; readonly value: bigint }
  /** Positions that hold no data, which a reader may strip and which can be computed again. */
  readonly derived: ReadonlySet<number>
}

interface Field {
  readonly name: FieldName
  readonly length: number
  /** Neighbouring bits that keep their order, the most significant first. */
  readonly runs: readonly { readonly shift: bigint; readonly length: number }[]
}

interface Rule {
  readonly odd: boolean
  readonly bit: bigint
  readonly over: bigint
}

export function compileFormat<Name extends string>(
  name: Name,
  layout: Layout,
): WiegandFormat<Name> {
  const { bits, fields, zeros = [], ones = [], parity } = layout
  const rules = typeof parity === 'string' ? [] : parity
  return {
    name,
    bits,
    layout,
    fields: fieldNames.flatMap((field) => {
      const positions = fields[field]
      return positions
        ? [{ name: field, length: positions.length, runs: runsOf(positions, bits) }]
        : []
    }),
    parity: rules.map(({ kind, at, over }) => ({
      odd: kind === 'odd',
      bit: maskOf([at], bits),
      over: maskOf(over, bits),
    })),
    fixed: { mask: maskOf([...zeros, ...ones], bits), value: maskOf(ones, bits) },
    derived: new Set([...zeros, ...ones, ...rules.map(({ at }) => at)]),
  }
}

/** Throws a RangeError for a number that does not fit its field, or that the format has no field for. */
export function encodeCard(format: WiegandFormat, card: Card): Word {
  for (const name of fieldNames) {
    const value = card[name] ?? 0n
    const length = format.fields.find((field) => field.name === name)?.length ?? 0
    const limit = 1n << BigInt(length)
    if (value < 0n || value >= limit) throw new RangeError(doesNotFit(format, name, value, limit))
  }
  let data = format.fixed.value
  for (const { name, runs } of format.fields) {
    let rest = card[name] ?? 0n
    for (const { shift, length } of runs.toReversed()) {
      data |= (rest & ones(length)) << shift
      rest >>= BigInt(length)
    }
  }
  return { bits: format.bits, value: withParity(format.parity, data) }
}

export type Decoded =
  | { readonly ok: true; readonly card: Card }
  /** `layout`: a bit that the format fixes is another; the word is of some other format. */
  | { readonly ok: false; readonly reason: 'length' | 'layout' | 'parity' }

/** Refuses a word of another length, with a wrong fixed bit or with any wrong parity bit. */
export function decodeWord(format: WiegandFormat, { bits, value }: Word): Decoded {
  if (bits !== format.bits || value >> BigInt(bits) !== 0n) return { ok: false, reason: 'length' }
  if ((value & format.fixed.mask) !== format.fixed.value) return { ok: false, reason: 'layout' }
  for (const { odd, bit, over } of format.parity) {
    if (isOdd(value & (over | bit)) !== odd) return { ok: false, reason: 'parity' }
  }
  const card: { -readonly [N in FieldName]?: bigint } = {}
  for (const { name, runs } of format.fields) {
    let field = 0n
    for (const { shift, length } of runs) {
      field = (field << BigInt(length)) | ((value >> shift) & ones(length))
    }
    card[name] = field
  }
  return { ok: true, card: { facility: 0n, number: 0n, ...card } }
}

/**
 * The whole word of a payload whose outer bits a reader stripped, with those bits computed anew;
 * null when the payload is not this format minus bits that hold no data. What the reader left is
 * kept, unverified.
 */
export function restoreStripped(
  format: WiegandFormat,
  payload: Word,
  { lead, trail }: { readonly lead: number; readonly trail: number },
): Word | null {
  const { bits } = format
  if (payload.bits + lead + trail !== bits) return null
  const stripped = (position: number) => position < lead || position >= bits - trail
  for (let position = 0; position < bits; position += 1) {
    if (stripped(position) && !format.derived.has(position)) return null
  }
  const outer = ((ones(bits) >> BigInt(bits - lead)) << BigInt(bits - lead)) | ones(trail)
  const rules = format.parity.filter(({ bit }) => (bit & outer) !== 0n)
  const kept = (payload.value << BigInt(trail)) | (format.fixed.value & outer)
  return { bits, value: withParity(rules, kept) }
}

/** The word with every parity bit as it should be, for a site whose cards were issued with wrong ones. */
export const repairParity = (format: WiegandFormat, { bits, value }: Word): Word => ({
  bits,
  value: withParity(format.parity, value),
})

/** The data of a card without fixed and parity bits, so that all readers refuse the same cards. */
export function dataOf(format: WiegandFormat, card: Card): Word {
  let value = 0n
  let bits = 0
  for (const { name, length } of format.fields) {
    value = (value << BigInt(length)) | (card[name] ?? 0n)
    bits += length
  }
  return { bits, value }
}

function withParity(rules: readonly Rule[], word: bigint): bigint {
  let value = word
  for (const { odd, bit, over } of rules) {
    value = isOdd(value & over) === odd ? value & ~bit : value | bit
  }
  return value
}

/** Whether an odd number of bits is set, of up to 64. */
function isOdd(value: bigint): boolean {
  let folded = Number(BigInt.asUintN(32, value ^ (value >> 32n)))
  for (const shift of [16, 8, 4, 2, 1]) folded ^= folded >>> shift
  return (folded & 1) === 1
}

const ones = (length: number): bigint => (1n << BigInt(length)) - 1n

const maskOf = (positions: Bits, bits: number): bigint =>
  positions.reduce((mask, position) => mask | (1n << BigInt(bits - 1 - position)), 0n)

function runsOf(positions: Bits, bits: number): Field['runs'] {
  const runs: { last: number; length: number }[] = []
  for (const position of positions) {
    const run = runs.at(-1)
    if (run?.last === position - 1) {
      run.last = position
      run.length += 1
    } else runs.push({ last: position, length: 1 })
  }
  return runs.map(({ last, length }) => ({ shift: BigInt(bits - 1 - last), length }))
}

const doesNotFit = (format: WiegandFormat, name: FieldName, value: bigint, limit: bigint) =>
  limit === 1n
    ? `${format.name} has no ${name}, got ${value}.`
    : `${format.name}: got ${name} ${value}, expected 0 to ${limit - 1n}.`
