import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identifyCard, rawBadge } from './identify-card.ts'
import { encodeWiegand, h10301, type Word } from './wiegand.ts'

const whole = { lead: 0, trail: 0 }
const stripped = { lead: 1, trail: 1 }
const inner = (word: Word): Word => ({ bits: 24, value: (word.value >> 1n) & 0xff_ffffn })

describe('on a site of H10301 badges', () => {
  test('a reader that strips parity and one that does not agree on every badge', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 65_535 }),
        (facility, number) => {
          fc.pre(facility + number > 0 && facility + number < 255 + 65_535)
          const word = encodeWiegand(h10301, { facility, number })
          const badge = { ok: true, badge: `WIEGAND|H10301|26|${facility}|${number}` }
          expect(identifyCard(word, whole, 'H10301')).toEqual(badge)
          expect(identifyCard(inner(word), stripped, 'H10301')).toEqual(badge)
        },
      ),
    )
  })

  test.each([
    { facility: 0, number: 0 },
    { facility: 255, number: 65_535 },
  ])('$facility/$number is no badge on either reader', (card) => {
    const word = encodeWiegand(h10301, card)
    const refused = { ok: false, reason: 'degenerate' }
    expect(identifyCard(word, whole, 'H10301')).toEqual(refused)
    expect(identifyCard(inner(word), stripped, 'H10301')).toEqual(refused)
  })

  test('wrong parity is refused where the reader left it', () => {
    const word = { bits: 26, value: 0x2ec0c86n ^ 1n }
    expect(identifyCard(word, whole, 'H10301')).toEqual({ ok: false, reason: 'parity' })
  })

  test('a badge of another length keeps its raw bits', () => {
    const word = { bits: 37, value: 0x12_3456_789an }
    const badge = 'WIEGAND|RAW|37|123456789a'
    expect(identifyCard(word, whole, 'H10301')).toEqual({ ok: true, badge })
    expect(rawBadge(word)).toBe(badge)
  })
})

test('on a site of raw badges every word is its bits', () => {
  const word = { bits: 26, value: 0x2ec0c87n }
  expect(identifyCard(word, whole, 'raw')).toEqual({ ok: true, badge: 'WIEGAND|RAW|26|2ec0c87' })
})

test.each(['H10301', 'raw'] as const)('a stuck line is no badge (%s)', (format) => {
  for (const value of [0n, (1n << 26n) - 1n]) {
    const identified = identifyCard({ bits: 26, value }, whole, format)
    expect(identified).toEqual({ ok: false, reason: 'degenerate' })
  }
})
