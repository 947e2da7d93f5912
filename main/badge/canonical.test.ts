import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBadge, parseCanonicalBadge, type Badge } from './canonical.ts'

const h10301 = fc
  .record({
    technology: fc.constant('WIEGAND'),
    format: fc.constant('H10301' as const),
    bits: fc.constant(26 as const),
    facility: fc.integer({ min: 0, max: 255 }),
    number: fc.integer({ min: 1, max: 65_534 }),
  })
  .map((badge): Badge => badge)
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
  ])('is written as in the design', (badge, text) => {
    expect(canonicalBadge(badge)).toBe(text)
  })

  test('reads back as the badge it was written from', () => {
    fc.assert(
      fc.property(fc.oneof(h10301, raw), (badge) => {
        expect(parseCanonicalBadge(canonicalBadge(badge))).toEqual(badge)
      }),
    )
  })

  test('differs for badges that differ', () => {
    fc.assert(
      fc.property(fc.oneof(h10301, raw), fc.oneof(h10301, raw), (a, b) => {
        const same = a.bits === b.bits && JSON.stringify(key(a)) === JSON.stringify(key(b))
        expect(canonicalBadge(a) === canonicalBadge(b)).toBe(same)
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
    'WIEGAND|H10306|34|1|1',
  ])('is not %j', (text) => {
    expect(parseCanonicalBadge(text)).toBeNull()
  })
})

const key = (badge: Badge) => [
  badge.technology,
  badge.format,
  badge.format === 'RAW' ? String(badge.value) : [badge.facility, badge.number],
]
