import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBadge, isDegenerate, parseCanonicalBadge, type Badge } from './canonical.ts'
import { formatNames, wiegandFormat } from './formats/catalogue.ts'
import { dataOf } from './formats/engine.ts'

const documented = fc.constantFrom(...formatNames).chain((name) => {
  const { bits, fields } = wiegandFormat(name)
  const values = fields.map(
    (field) =>
      [field.name, fc.bigInt({ min: 0n, max: (1n << BigInt(field.length)) - 1n })] as const,
  )
  return fc
    .record({ facility: fc.constant(0n), number: fc.constant(0n), ...Object.fromEntries(values) })
    .filter((card) => !isDegenerate(dataOf(wiegandFormat(name), card)))
    .map((card): Badge => ({ technology: 'WIEGAND', format: name, bits, ...card }))
})
const raw = fc.integer({ min: 4, max: 256 }).chain((bits) =>
  fc.bigInt({ min: 1n, max: (1n << BigInt(bits)) - 2n }).map((value): Badge => ({
    technology: 'EM4102',
    format: 'RAW',
    bits,
    value,
  })),
)

describe('a canonical badge', () => {
  test.each<[Badge, string]>([
    [
      { technology: 'WIEGAND', format: 'H10301', bits: 26, facility: 118, number: 1603 },
      'WIEGAND|H10301|26|118|1603',
    ],
    [
      { technology: 'WIEGAND', format: 'RAW', bits: 37, value: 0x0a_0b0cn },
      'WIEGAND|RAW|37|00000a0b0c',
    ],
    [
      { technology: 'WIEGAND', format: 'H10302', bits: 37, facility: 0, number: 34_359_738_366n },
      'WIEGAND|H10302|37|0|34359738366',
    ],
    [
      { technology: 'WIEGAND', format: 'S12906', bits: 36, facility: 7, number: 9, issue: 2 },
      'WIEGAND|S12906|36|7|9|2',
    ],
    [
      { technology: 'WIEGAND', format: 'C15001', bits: 36, facility: 7, number: 9, oem: 900 },
      'WIEGAND|C15001|36|7|9|900',
    ],
  ])('is written as in the design', (badge, text) => {
    expect(canonicalBadge(badge)).toBe(text)
  })

  test('reads back as the badge it was written from', () => {
    fc.assert(
      fc.property(fc.oneof(documented, raw), (badge) => {
        expect(parseCanonicalBadge(canonicalBadge(badge))).toEqual(badge)
      }),
    )
  })

  test('differs for badges that differ', () => {
    fc.assert(
      fc.property(fc.oneof(documented, raw), fc.oneof(documented, raw), (a, b) => {
        expect(canonicalBadge(a) === canonicalBadge(b)).toBe(isDeepStrictEqual(a, b))
      }),
    )
  })

  test.each<Badge>([
    { technology: 'WIEGAND', format: 'H10301', bits: 26, facility: 0, number: 0 },
    { technology: 'WIEGAND', format: 'H10301', bits: 26, facility: 255, number: 65_535 },
    { technology: 'WIEGAND', format: 'RAW', bits: 32, value: 0n },
    { technology: 'WIEGAND', format: 'RAW', bits: 32, value: 0xffff_ffffn },
    { technology: 'WIEGAND', format: 'RAW', bits: 32, value: 0x1_0000_0000n },
    { technology: 'WIEGAND', format: 'RAW', bits: 3, value: 2n },
    { technology: 'WIEGAND', format: 'RAW', bits: 257, value: 2n },
    { technology: 'WIEGAND', format: 'H10301', bits: 26, facility: 256, number: 1 },
    { technology: 'WIEGAND', format: 'H10301', bits: 34, facility: 1, number: 1 },
    { technology: 'WIEGAND', format: 'H10301', bits: 26, facility: 1, number: 1, issue: 1 },
    { technology: 'WIEGAND', format: 'H10302', bits: 37, facility: 1, number: 1 },
  ])('is never all zeros, all ones or out of range', (badge) => {
    expect(() => canonicalBadge(badge)).toThrow(RangeError)
  })

  test.each([
    '',
    'WIEGAND',
    'WIEGAND|H10301|26|118',
    'WIEGAND|H10301|26|118|1603|1',
    'WIEGAND|H10301|26|118|01603',
    'WIEGAND|H10301|26|0|0',
    'WIEGAND|H10301|26|118|-1',
    'WIEGAND|H10301|37|118|1603',
    'wiegand|H10301|26|118|1603',
    'WIEGAND|RAW|32|DEADBEEF',
    'WIEGAND|RAW|32|beef',
    'WIEGAND|RAW|16|0000',
    'WIEGAND|H10306|36|1|1',
    'WIEGAND|H10306|34|1',
    'WIEGAND|N10002|34|1|1',
    'WIEGAND|S12906|36|7|9',
    'WIEGAND|H10302|37|34359738366',
    'WIEGAND|BC40|40|1|1',
    'WIEGAND|constructor|40|1|1',
  ])('is not %j', (text) => {
    expect(parseCanonicalBadge(text)).toBeNull()
  })
})
