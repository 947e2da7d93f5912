import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeWiegand, encodeWiegand, h10301, restoreParity, type Word } from './wiegand.ts'

const card = fc.record({
  facility: fc.integer({ min: 0, max: 255 }),
  number: fc.integer({ min: 0, max: 65_535 }),
})
const flip = (word: Word, position: number): Word => ({
  ...word,
  value: word.value ^ (1n << BigInt(word.bits - 1 - position)),
})

describe('H10301', () => {
  test('matches the public vectors', () => {
    expect(encodeWiegand(h10301, { facility: 118, number: 1603 }).value).toBe(0x2ec0c86n)
    const word = { bits: 26, value: BigInt('0b00101101000000001010001000') }
    expect(decodeWiegand(h10301, word)).toEqual({ ok: true, facility: 90, number: 324 })
  })

  test('decodes what it encoded', () => {
    fc.assert(
      fc.property(card, (given) => {
        expect(decodeWiegand(h10301, encodeWiegand(h10301, given))).toEqual({ ok: true, ...given })
      }),
    )
  })

  test('refuses a word with any single bit flipped', () => {
    fc.assert(
      fc.property(card, fc.integer({ min: 0, max: 25 }), (given, position) => {
        const word = flip(encodeWiegand(h10301, given), position)
        expect(decodeWiegand(h10301, word)).toEqual({ ok: false, reason: 'parity' })
      }),
    )
  })

  test.each([0, 24, 25, 27, 37])('refuses a word of %i bits', (bits) => {
    expect(decodeWiegand(h10301, { bits, value: 5n })).toEqual({ ok: false, reason: 'length' })
  })

  test.each([
    { facility: 256, number: 0 },
    { facility: -1, number: 0 },
    { facility: 1, number: 65_536 },
    { facility: 1.5, number: 1 },
  ])('cannot encode $facility/$number', (given) => {
    expect(() => encodeWiegand(h10301, given)).toThrow(RangeError)
  })
})

describe('restoring stripped parity', () => {
  test('yields the word that the card sent', () => {
    fc.assert(
      fc.property(card, (given) => {
        const word = encodeWiegand(h10301, given)
        const payload = { bits: 24, value: (word.value >> 1n) & 0xff_ffffn }
        expect(restoreParity(h10301, payload, { lead: 1, trail: 1 })).toEqual(word)
      }),
    )
  })

  test('leaves parity alone where the reader left it', () => {
    const wrong = flip(encodeWiegand(h10301, { facility: 1, number: 2 }), 0)
    expect(restoreParity(h10301, wrong, { lead: 0, trail: 0 })).toEqual(wrong)
  })

  test.each([
    { bits: 24, lead: 2, trail: 0 },
    { bits: 23, lead: 2, trail: 1 },
    { bits: 26, lead: 1, trail: 1 },
    { bits: 24, lead: 0, trail: 0 },
  ])('refuses $bits bits after stripping $lead+$trail', ({ bits, lead, trail }) => {
    expect(restoreParity(h10301, { bits, value: 5n }, { lead, trail })).toBeNull()
  })
})
