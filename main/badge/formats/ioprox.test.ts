import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeIoProx, encodeIoProx, ioProxBadge, parseXsf, renderXsf } from './ioprox.ts'

const card = fc.record({
  version: fc.nat({ max: 255 }),
  facility: fc.nat({ max: 255 }),
  number: fc.nat({ max: 65_535 }),
})

describe('an ioProx card', () => {
  test.each([
    [0x0078_4060_3059_cf3fn, 'XSF(01)01:01337', 'IOPROX|RAW|32|01010539'],
    [0x0078_5960_3059_cdafn, 'XSF(01)65:01337', 'IOPROX|RAW|32|01650539'],
  ])('matches the published frame (%#)', (value, text, badge) => {
    const decoded = decodeIoProx({ bits: 64, value })
    const printed = parseXsf(text)
    expect(decoded).toEqual({ ok: true, card: printed })
    if (!decoded.ok) return
    expect(renderXsf(decoded.card)).toBe(text)
    expect(ioProxBadge(decoded.card)).toBe(badge)
  })

  test('is the same from its frame and from its print', () => {
    fc.assert(
      fc.property(card, (given) => {
        expect(decodeIoProx(encodeIoProx(given))).toEqual({ ok: true, card: given })
        expect(parseXsf(renderXsf(given))).toEqual(given)
      }),
    )
  })

  test('is refused with any single bit flipped', () => {
    fc.assert(
      fc.property(card, fc.nat({ max: 63 }), (given, position) => {
        const { value } = encodeIoProx(given)
        const read = decodeIoProx({ bits: 64, value: value ^ (1n << BigInt(position)) })
        expect(read.ok).toBe(false)
      }),
    )
  })

  test('says whether its checksum or its frame is wrong', () => {
    const { value } = encodeIoProx({ version: 1, facility: 2, number: 3 })
    expect(decodeIoProx({ bits: 64, value: value ^ 4n })).toEqual({ ok: false, reason: 'checksum' })
    expect(decodeIoProx({ bits: 64, value: value ^ 1n })).toEqual({ ok: false, reason: 'layout' })
    expect(decodeIoProx({ bits: 63, value: 1n })).toEqual({ ok: false, reason: 'length' })
    expect(decodeIoProx({ bits: 64, value: 1n << 64n })).toEqual({ ok: false, reason: 'length' })
  })

  test('of all zeros or all ones is no badge', () => {
    expect(ioProxBadge({ version: 0, facility: 0, number: 0 })).toBeNull()
    expect(ioProxBadge({ version: 255, facility: 255, number: 65_535 })).toBeNull()
  })

  test.each([
    '',
    'XSF(1)01:01337',
    'XSF(001)01:01337',
    'XSF(256)01:01337',
    'XSF(01)1:01337',
    'XSF(01)01:1337',
    'XSF(01)01:65536',
    'XSF(01)0g:01337',
    'XSF(01)01:01337 ',
  ])('is not printed %j', (text) => {
    expect(parseXsf(text)).toBeNull()
  })

  test('has no numbers beyond its fields', () => {
    expect(() => encodeIoProx({ version: 256, facility: 0, number: 0 })).toThrow(RangeError)
    expect(() => encodeIoProx({ version: 0, facility: 0, number: -1 })).toThrow(RangeError)
    expect(() => encodeIoProx({ version: 0.5, facility: 0, number: 1 })).toThrow(RangeError)
  })
})
