import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidates, formatNames, wiegandFormat } from './catalogue.ts'
import { decodeWord, encodeCard, restoreStripped, type Card, type Word } from './engine.ts'

const formats = formatNames.map(wiegandFormat)
const anyFormat = fc.constantFrom(...formats)
const cardOf = (format: (typeof formats)[number]): fc.Arbitrary<Card> =>
  fc
    .record(
      Object.fromEntries(
        format.fields.map(({ name, length }) => [
          name,
          fc.bigInt({ min: 0n, max: (1n << BigInt(length)) - 1n }),
        ]),
      ),
    )
    .map((numbers) => ({ facility: 0n, number: 0n, ...numbers }))
const formatAndCard = anyFormat.chain((format) => fc.tuple(fc.constant(format), cardOf(format)))

const flip = (word: Word, position: number): Word => ({
  ...word,
  value: word.value ^ (1n << BigInt(word.bits - 1 - position)),
})
const bitsOf = ({ bits, value }: Word) => value.toString(2).padStart(bits, '0')

describe('published words', () => {
  test.each([
    ['H10301', { facility: 118n, number: 1603n }, 0x2ec0c86n],
    ['H10301', { facility: 90n, number: 324n }, BigInt('0b00101101000000001010001000')],
  ] as const)('%s of %o', (name, card, value) => {
    const format = wiegandFormat(name)
    expect(encodeCard(format, card)).toEqual({ bits: format.bits, value })
    expect(decodeWord(format, { bits: format.bits, value })).toEqual({ ok: true, card })
  })

  test('a pcProx that strips 1 and 1 buffers 430676 for H10301 118/1603', () => {
    const format = wiegandFormat('H10301')
    const payload = { bits: 24, value: 0x76_0643n }
    const whole = { bits: 26, value: 0x2ec0c86n }
    expect(restoreStripped(format, payload, { lead: 1, trail: 1 })).toEqual(whole)
  })
})

describe('every format', () => {
  test('decodes what it encoded, the least and the greatest numbers too', () => {
    fc.assert(
      fc.property(formatAndCard, ([format, card]) => {
        expect(decodeWord(format, encodeCard(format, card))).toEqual({ ok: true, card })
      }),
      { numRuns: 5_000 },
    )
    for (const format of formats) {
      for (const pick of [() => 0n, (length: number) => (1n << BigInt(length)) - 1n]) {
        const numbers = format.fields.map(({ name, length }) => [name, pick(length)])
        const card = { facility: 0n, ...Object.fromEntries(numbers) } as Card
        expect(decodeWord(format, encodeCard(format, card))).toEqual({ ok: true, card })
      }
    }
  })

  test('encodes what it decoded: no bit of a word is ignored', () => {
    const word = anyFormat.chain((format) =>
      fc.tuple(fc.constant(format), fc.bigInt({ min: 0n, max: (1n << BigInt(format.bits)) - 1n })),
    )
    fc.assert(
      fc.property(word, ([format, value]) => {
        const decoded = decodeWord(format, { bits: format.bits, value })
        expect(decoded.ok ? encodeCard(format, decoded.card).value : value).toBe(value)
      }),
      { numRuns: 20_000 },
    )
  })

  test.each(formats.map((format) => [format.name, format] as const))(
    '%s refuses any flipped bit that is no data, and never takes a flipped one for the same card',
    (_, format) => {
      const { zeros = [], ones = [], parity, fields } = format.layout
      const fixed = new Set<number>([...zeros, ...ones])
      const data = new Set<number>(Object.values(fields).flat())
      const expected = (position: number): string => {
        if (fixed.has(position)) return 'layout'
        if (typeof parity !== 'string') return 'parity'
        return data.has(position) ? 'another card' : 'no bit is neither'
      }
      const taken = (word: Word, card: Card): string => {
        const decoded = decodeWord(format, word)
        if (!decoded.ok) return decoded.reason
        return isDeepStrictEqual(decoded.card, card) ? 'the same card' : 'another card'
      }
      fc.assert(
        fc.property(cardOf(format), (card) => {
          const word = encodeCard(format, card)
          for (let position = 0; position < format.bits; position += 1)
            expect(taken(flip(word, position), card)).toBe(expected(position))
        }),
        { numRuns: 30 },
      )
    },
  )

  test('is restored from what a reader leaves of it, however many bits without data it strips', () => {
    const strip = fc.record({ lead: fc.nat({ max: 12 }), trail: fc.nat({ max: 12 }) })
    fc.assert(
      fc.property(formatAndCard, strip, ([format, card], { lead, trail }) => {
        const word = encodeCard(format, card)
        const kept = bitsOf(word).slice(lead, format.bits - trail)
        const payload = { bits: kept.length, value: BigInt(`0b${kept}`) }
        const data = Object.values(format.layout.fields).flat() as readonly number[]
        const loses = data.some((at) => at < lead || at >= format.bits - trail)
        expect(restoreStripped(format, payload, { lead, trail })).toEqual(loses ? null : word)
      }),
      { numRuns: 5_000 },
    )
  })

  test('refuses words of other lengths, and values that are longer than their word', () => {
    for (const format of formats) {
      for (const bits of [0, 1, format.bits - 1, format.bits + 1, 256])
        expect(decodeWord(format, { bits, value: 0n })).toEqual({ ok: false, reason: 'length' })
      const value = 1n << BigInt(format.bits)
      const long = decodeWord(format, { bits: format.bits, value })
      expect(long).toEqual({ ok: false, reason: 'length' })
    }
  })

  test('does not encode a number beyond its field, nor one that it has no field for', () => {
    for (const format of formats) {
      for (const name of ['facility', 'number', 'issue', 'oem'] as const) {
        const length = format.fields.find((field) => field.name === name)?.length ?? 0
        for (const value of [1n << BigInt(length), -1n]) {
          const card = { facility: 0n, number: 0n, [name]: value }
          expect(() => encodeCard(format, card)).toThrow(RangeError)
        }
      }
    }
  })
})

describe('candidates', () => {
  test('always hold the format that a word is of, and only formats of its length', () => {
    fc.assert(
      fc.property(formatAndCard, ([format, card]) => {
        const fitting = candidates(encodeCard(format, card))
        const parity = format.parity.length > 0
        expect(fitting).toContainEqual({ format: format.name, card, parity })
        for (const { format: name } of fitting) expect(wiegandFormat(name).bits).toBe(format.bits)
      }),
      { numRuns: 500 },
    )
  })

  test.each(['H10302', 'H10304', 'MDI37'] as const)(
    'of a %s word of 37 bits are three at least: its parity tells nothing',
    (name) => {
      const word = encodeCard(wiegandFormat(name), { facility: 0n, number: 12_345n })
      const fitting = candidates(word).map(({ format }) => format)
      expect(fitting).toEqual(expect.arrayContaining(['H10302', 'H10304', 'MDI37']))
    },
  )
})
