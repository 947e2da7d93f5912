import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findFormat, formatAliases, formatNames, wiegandFormat } from './catalogue.ts'
import { formatDescriptions } from './describe.ts'
import { encodeCard, type Card, type Word } from './engine.ts'

/** The published layouts as text; each position once, in the order of transmission. */
const published: Readonly<Record<string, string>> = {
  H10301: 'P F8 C16 P',
  ind26: 'P F12 C12 P',
  ind27: 'F13 C14',
  '2804W': 'P 0 P 0 F8 C15 P',
  ind29: 'F13 C16',
  ATSW30: 'P F12 C16 P',
  ADT31: '0 F4 C23 000',
  HCP32: '0 C24 0000000',
  Kastle: 'P 1 I5 F8 C16 P',
  Kantech: '0000000 F8 C16 0',
  WIE32: '0000 F12 C16',
  D10202: 'P F7 C24 P',
  H10306: 'P F16 C16 P',
  BQT34: 'P F8 C24 P',
  Optus34: '0 C16 000000 F10 0',
  SMP34: '0 F13 I3 C16 0',
  C1k35s: 'P P F12 C20 P',
  C15001: 'P O10 F8 C16 P',
  S12906: 'P F8 I2 C24 P',
  Sie36: 'P F18 C16 P',
  H10302: 'P C35 P',
  H10304: 'P F16 C19 P',
  MDI37: 'P 00 F4 C29 P',
  P10004: '0 F13 C18 00000',
  BQT38: 'P C19 I4 F13 P',
  ISCS: 'P 0 O3 F10 C22 P',
  PW39: 'P F17 C20 P',
  P10001: '1111 F12 C16 P P P P P P P P',
  Casi40: '0 C38 0',
  H800002: 'P F14 C30 P',
  C1k48s: 'P P F22 C23 P',
  Avig56: 'P F20 C34 P',
  IR56: 'F24 C32',
}

const formats = formatNames.map(wiegandFormat)
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
const bitsOf = ({ bits, value }: Word) => value.toString(2).padStart(bits, '0')

describe('the table of formats', () => {
  test.each(Object.entries(published))('%s is laid out as published: %s', (name, text) => {
    const described = formatDescriptions().find((format) => format.name === name)
    expect(described).toMatchObject({ documented: true, layout: text })
  })

  test('has no format that is published nowhere; Tecom27 is scrambled and has no such text', () => {
    expect(formatNames.toSorted()).toEqual([...Object.keys(published), 'Tecom27'].toSorted())
  })

  test.each(formats.map((format) => [format.name, format] as const))(
    '%s uses each of its bits once',
    (_, { bits, layout }) => {
      const { fields, zeros = [], ones = [], parity } = layout
      const rules = typeof parity === 'string' ? [] : parity
      const used = [
        ...Object.values(fields).flat(),
        ...zeros,
        ...ones,
        ...rules.map(({ at }) => at),
      ]
      expect(used.toSorted((a, b) => a - b)).toEqual(Array.from({ length: bits }, (_, at) => at))
      for (const { at, over } of rules) {
        expect(over).not.toContain(at)
        expect(new Set(over).size).toBe(over.length)
        expect(over.every((position) => position >= 0 && position < bits)).toBe(true)
      }
    },
  )

  test.each(formats.map((format) => [format.name, format] as const))(
    '%s has at most one field after its numbers, which the identity needs to be unambiguous',
    (_, { fields }) => {
      expect(fields.filter(({ name }) => name === 'issue' || name === 'oem').length).toBeLessThan(2)
    },
  )

  test('gives the second names of a layout one identity', () => {
    expect(formatAliases).toEqual({ N10002: 'H10306' })
    expect(wiegandFormat('N10002')).toBe(wiegandFormat('H10306'))
  })

  test('leaves out what contradicts itself or is not published', () => {
    const undocumented = formatDescriptions().filter(({ documented }) => !documented)
    expect(undocumented.map(({ name }) => name)).toEqual(
      'indasc27 HPP32 H10320 S12906b HGen37 XSF-39 BC40 Verkada40 Defcon32'.split(' '),
    )
  })
})

/*
 * A second implementation, from the text of the standard layouts: characters in the order of
 * transmission, counted one by one.
 */
const count = (bits: string, wanted: (position: number) => boolean): number =>
  bits.split('').filter((bit, position) => bit === '1' && wanted(position)).length
const between = (first: number, last: number) => (position: number) =>
  position >= first && position <= last
const binary = (value: bigint, length: number) => value.toString(2).padStart(length, '0')
const evenBit = (ones: number) => (ones % 2 === 0 ? '0' : '1')
const oddBit = (ones: number) => (ones % 2 === 0 ? '1' : '0')

function halves(data: string, even: number, odd: number): string {
  const open = `?${data}?`
  const last = open.length - 1
  return (
    evenBit(count(open, between(1, even))) +
    data +
    oddBit(count(open, between(last - odd, last - 1)))
  )
}

/** 2,3, 5,6, 8,9 and so on, from the first to the last. */
const pairs = (from: number, to: number) => {
  const positions = new Set<number>()
  for (let at = from; at <= to; at += 3) {
    positions.add(at)
    if (at + 1 <= to) positions.add(at + 1)
  }
  return (position: number) => positions.has(position)
}

/** Corporate 1000: bit 1 covers pairs from `evenFrom`, the last from `oddFrom`, bit 0 all the rest. */
function corporate(data: string, evenFrom: number, oddFrom: number): string {
  const last = data.length + 2
  const second = evenBit(count(`??${data}?`, pairs(evenFrom, last - 1)))
  const end = oddBit(count(`?${second}${data}?`, pairs(oddFrom, last - 2)))
  const rest = `${second}${data}${end}`
  return oddBit(count(rest, () => true)) + rest
}

/** A published layout with the numbers of a card in place of its letters; parity is `?`. */
const spell = (text: string, card: Card): string =>
  text
    .split(' ')
    .map((token) => {
      const length = Number(token.slice(1))
      if (token.startsWith('F')) return binary(card.facility, length)
      if (token.startsWith('C')) return binary(card.number, length)
      if (token.startsWith('I')) return binary(card.issue ?? 0n, length)
      if (token.startsWith('O')) return binary(card.oem ?? 0n, length)
      return token === 'P' ? '?' : token
    })
    .join('')

describe('a second implementation, bit by bit', () => {
  test.each([
    // Even over 2,3, 5,6, … 32,33; odd over 1,2, 4,5, … 31,32.
    ['C1k35s', (c: Card) => corporate(binary(c.facility, 12) + binary(c.number, 20), 2, 1)],
    // Even over 3,4, 6,7, … 45,46; odd over 2,3, 5,6, … 44,45.
    ['C1k48s', (c: Card) => corporate(binary(c.facility, 22) + binary(c.number, 23), 3, 2)],
  ] as const)('agrees on every %s', (name, write) => {
    const format = wiegandFormat(name)
    fc.assert(
      fc.property(cardOf(format), (card) => {
        expect(bitsOf(encodeCard(format, card))).toBe(write(card))
      }),
      { numRuns: 500 },
    )
  })

  // The layout's text, and how many bits after the first and before the last their parity covers.
  test.each([
    ['H10301', 12, 12],
    ['ind26', 12, 12],
    ['ATSW30', 12, 16],
    ['Kastle', 16, 17],
    ['D10202', 16, 16],
    ['H10306', 16, 16],
    ['BQT34', 16, 16],
    ['C15001', 17, 17],
    ['H10302', 18, 18],
    ['H10304', 18, 18],
    ['MDI37', 18, 18],
    ['BQT38', 18, 18],
    ['ISCS', 18, 18],
    ['PW39', 18, 19],
    ['H800002', 44, 44],
    ['Avig56', 27, 27],
  ] as const)('agrees on every %s, from its published text', (name, even, odd) => {
    const format = wiegandFormat(name)
    fc.assert(
      fc.property(cardOf(format), (card) => {
        const data = spell(published[name] ?? '', card).slice(1, -1)
        expect(bitsOf(encodeCard(format, card))).toBe(halves(data, even, odd))
      }),
    )
  })

  test('agrees on every Sie36', () => {
    const format = wiegandFormat('Sie36')
    fc.assert(
      fc.property(cardOf(format), (card) => {
        const open = spell(published['Sie36'] ?? '', card)
        // Odd over 1, 3,4, 6,7, … 33,34; even over 1,2, 4,5, … 31,32, 34.
        const first = oddBit(count(open, (at) => at > 0 && pairs(0, 34)(at)))
        const last = evenBit(count(open, pairs(1, 34)))
        expect(bitsOf(encodeCard(format, card))).toBe(`${first}${open.slice(1, -1)}${last}`)
      }),
    )
  })

  test('agrees on every 2804W, whose parity bits cover one another', () => {
    const format = wiegandFormat('2804W')
    fc.assert(
      fc.property(cardOf(format), (card) => {
        const open = spell(published['2804W'] ?? '', card)
        const third = oddBit(count(open, pairs(4, 26)))
        const two = `?${open.slice(1, 2)}${third}${open.slice(3, -1)}`
        const three = `${evenBit(count(two, between(1, 13)))}${two.slice(1)}`
        const last = oddBit(count(three, () => true))
        expect(bitsOf(encodeCard(format, card))).toBe(`${three}${last}`)
      }),
    )
  })

  test('agrees on every S12906, both of whose parity bits are odd', () => {
    const format = wiegandFormat('S12906')
    fc.assert(
      fc.property(cardOf(format), (card) => {
        const open = spell(published['S12906'] ?? '', card)
        const first = oddBit(count(open, between(1, 17)))
        const last = oddBit(count(open, between(17, 34)))
        expect(bitsOf(encodeCard(format, card))).toBe(`${first}${open.slice(1, -1)}${last}`)
      }),
    )
  })

  test.each(['ind27', 'ind29', 'ADT31', 'HCP32', 'Kantech', 'WIE32', 'Optus34', 'SMP34', 'P10004'])(
    'agrees on every %s, which has no parity',
    (name) => {
      const found = findFormat(name)
      const format = found.state === 'documented' ? found.format : wiegandFormat('H10301')
      fc.assert(
        fc.property(cardOf(format), (card) => {
          expect(bitsOf(encodeCard(format, card))).toBe(spell(published[name] ?? '', card))
        }),
      )
    },
  )

  test('agrees that the last byte of P10001 is the exclusive or of the first four', () => {
    const format = wiegandFormat('P10001')
    fc.assert(
      fc.property(cardOf(format), (card) => {
        const bytes = Buffer.from(encodeCard(format, card).value.toString(16), 'hex')
        const [a = 0, b = 0, c = 0, d = 0, sum] = bytes
        expect(bytes).toHaveLength(5)
        expect(a ^ b ^ c ^ d).toBe(sum)
      }),
    )
  })
})
