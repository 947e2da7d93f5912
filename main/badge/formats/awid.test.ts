import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { awidFromAir, decodeAwid } from './awid.ts'
import type { Word } from './engine.ts'

const word = (text: string): Word => {
  const bits = text.replaceAll(' ', '')
  return { bits: bits.length, value: BigInt(`0b${bits}`) }
}
const frame26 = word(`00011010 1 01110101 0000000010001110 1 ${'0'.repeat(32)}`)
const frame50 = word('00110010 0 0000111110100000 00000000001000100101000100001111 0 00000000')

describe('an AWID frame', () => {
  test('of 26 bits is the published card', () => {
    expect(decodeAwid(frame26)).toEqual({
      ok: true,
      word: { bits: 26, value: 0x2ea_011dn },
      badge: 'AWID|RAW|26|2ea011d',
      facility: 117n,
      number: 142n,
      parity: true,
    })
  })

  test('of 50 bits is the published card', () => {
    expect(decodeAwid(frame50)).toMatchObject({ facility: 4000n, number: 2_248_975n, parity: true })
  })

  test.each([
    [34, '0 01110101 000000000000000010001110 1', 117n, 142n],
    [36, '1 00001110101 000000000010001110 101010', 117n, 142n],
    [37, '1 0000001110101 000000000010001110 10101', 117n, 142n],
  ])(
    'of %i bits keeps all of them in its badge; their parity is not known',
    (bits, text, ...card) => {
      const [facility, number] = card
      const frame = word(`${bits.toString(2).padStart(8, '0')} ${text}`)
      const decoded = decodeAwid(frame)
      expect(decoded).toMatchObject({ ok: true, facility, number, parity: false })
      const other = decodeAwid({ ...frame, value: frame.value ^ 1n })
      expect(other.ok && other.badge).not.toBe(decoded.ok && decoded.badge)
    },
  )

  test('of another length is a badge without numbers', () => {
    const frame = word(`00101000 ${'1100'.repeat(10)}`)
    expect(decodeAwid(frame)).toMatchObject({ ok: true, facility: null, number: null })
  })

  test.each([
    ['too short', word('00011010'), 'length'],
    ['half a frame', word('00011010 1 01110101 0000'), 'length'],
    ['a length below 26', word(`00000100 ${'1'.repeat(58)}`), 'length'],
    ['something after the word', { ...frame26, value: frame26.value | 1n }, 'layout'],
    ['a flipped bit', { ...frame26, value: frame26.value ^ (1n << 40n) }, 'parity'],
    ['no data', word(`00011010 0 ${'0'.repeat(24)} 1`), 'degenerate'],
    ['all ones', word(`00011010 0 ${'1'.repeat(24)} 1`), 'degenerate'],
  ] as const)('with %s is refused', (_, frame, reason) => {
    expect(decodeAwid(frame)).toEqual({ ok: false, reason })
  })
})

describe('the air frame', () => {
  /** Groups of three with odd parity. */
  const onAir = ({ value }: Word): Word => {
    let text = '00000001'
    for (const group of value.toString(2).padStart(66, '0').match(/.{3}/g) ?? []) {
      text += group + (group.replaceAll('0', '').length % 2 === 0 ? '1' : '0')
    }
    return word(text)
  }

  test('of the published card is its frame', () => {
    const groups = '0001 1101 1011 0111 1011 0100 0001 0001 0100 0010 1101 1000'
    const air = word(`00000001 ${groups} ${'0001'.repeat(10)}`)
    expect(onAir(frame26)).toEqual(air)
    expect(awidFromAir(air)).toEqual(frame26)
  })

  test('is refused with any single bit flipped', () => {
    const air = onAir(frame26)
    fc.assert(
      fc.property(fc.nat({ max: 95 }), (position) => {
        expect(awidFromAir({ bits: 96, value: air.value ^ (1n << BigInt(position)) })).toBeNull()
      }),
    )
  })

  test.each([0, 66, 95, 97])('is not %i bits long', (bits) => {
    expect(awidFromAir({ bits, value: 1n })).toBeNull()
  })
})
