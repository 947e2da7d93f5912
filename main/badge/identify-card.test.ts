import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wiegandFormat } from './formats/catalogue.ts'
import { encodeCard } from './formats/engine.ts'
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

describe('on a site of another format', () => {
  test('a Corporate 1000 badge is the same on a reader that strips 2 and 1 bits', () => {
    const format = wiegandFormat('C1k35s')
    const word = encodeCard(format, { facility: 2_047n, number: 1_048_000n })
    const payload = { bits: 32, value: (word.value >> 1n) & 0xffff_ffffn }
    const badge = { ok: true, badge: 'WIEGAND|C1k35s|35|2047|1048000' }
    expect(identifyCard(word, whole, 'C1k35s')).toEqual(badge)
    expect(identifyCard(payload, { lead: 2, trail: 1 }, 'C1k35s')).toEqual(badge)
  })

  test('the issue level tells a card from the one that it replaced', () => {
    const format = wiegandFormat('S12906')
    const identify = (issue: bigint) =>
      identifyCard(encodeCard(format, { facility: 7n, number: 9n, issue }), whole, 'S12906')
    expect(identify(1n)).toEqual({ ok: true, badge: 'WIEGAND|S12906|36|7|9|1' })
    expect(identify(2n)).toEqual({ ok: true, badge: 'WIEGAND|S12906|36|7|9|2' })
  })

  test('both names of a layout give one identity', () => {
    const word = encodeCard(wiegandFormat('H10306'), { facility: 7n, number: 9n })
    const badge = { ok: true, badge: 'WIEGAND|H10306|34|7|9' }
    expect(identifyCard(word, whole, 'H10306')).toEqual(badge)
    expect(identifyCard(word, whole, 'N10002')).toEqual(badge)
  })

  test('the same word is another badge where the site says another format', () => {
    const word = encodeCard(wiegandFormat('H10304'), { facility: 5n, number: 77n })
    const badges = (['H10302', 'H10304', 'raw'] as const).map((site) =>
      identifyCard(word, whole, site),
    )
    expect(new Set(badges.map((identified) => identified.ok && identified.badge)).size).toBe(3)
  })

  test('a fixed bit that is wrong is refused', () => {
    const word = encodeCard(wiegandFormat('WIE32'), { facility: 5n, number: 77n })
    const wrong = { ...word, value: word.value | (1n << 31n) }
    expect(identifyCard(wrong, whole, 'WIE32')).toEqual({ ok: false, reason: 'layout' })
  })
})

test('on a site of raw badges every word is its bits', () => {
  const word = { bits: 26, value: 0x2ec0c87n }
  expect(identifyCard(word, whole, 'raw')).toEqual({ ok: true, badge: 'WIEGAND|RAW|26|2ec0c87' })
})

test.each([
  { bits: 0, value: 0n },
  { bits: 3, value: 2n },
  { bits: 257, value: 2n },
  { bits: 26, value: 1n << 26n },
])('$bits bits that are no word are no badge (%#)', (word) => {
  for (const site of ['H10301', 'raw'] as const)
    expect(identifyCard(word, whole, site)).toEqual({ ok: false, reason: 'length' })
})

test.each(['H10301', 'raw'] as const)('a stuck line is no badge (%s)', (format) => {
  for (const value of [0n, (1n << 26n) - 1n]) {
    const identified = identifyCard({ bits: 26, value }, whole, format)
    expect(identified).toEqual({ ok: false, reason: 'degenerate' })
  }
})
