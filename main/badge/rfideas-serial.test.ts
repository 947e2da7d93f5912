import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isError, isQueued, parseQueued, parseValue } from './rfideas-serial.ts'

describe('the card in the queue', () => {
  test('is read as the manual prints it', () => {
    expect(parseQueued('{0x1000,2,0x0000,80;0x000000801DD1910B2F04}')).toEqual({
      card: { bits: 80, value: 0x801dd1910b2f04n },
      age: 0x1000,
      lockout: 0,
    })
  })

  test.each([
    ['behind prompt and echo', 'RF IDeas>rfid:qid{0x0001,0,0x0018,26;0x2ec0c86}', 0x2ec0c86n],
    ['nothing read yet', '{0xFFFF,0,0x0000,0;0x00}', null],
    ['no card', '{0x0000,0,0x00,0;0x00}', null],
    ['a card so old that its age has stopped', '{0xFFFF,1,0x0000,26;0x2ec0c86}', null],
  ])('%s', (_name, text, value) => expect(parseQueued(text)?.card?.value ?? null).toBe(value))

  test.each([
    ['more bits than it counts', '{0x0000,0,0x00,26;0x4000000}'],
    ['too few bits for a card', '{0x0000,0,0x00,3;0x7}'],
    ['a count beyond a byte', '{0x0000,0,0x00,256;0x7}'],
    ['no age', '{,0,0x00,26;0x1}'],
    ['half of it', '{0x0000,0,0x00,26;0x1'],
    ['something behind it', '{0x0000,0,0x00,26;0x1}!'],
    ['a value', '{3}'],
  ])('refuses %s', (_name, text) => expect(parseQueued(text)).toBeNull())

  test('says what is an answer, a value and an error', () => {
    expect(isQueued('RF IDeas>{0x0000,bad;}')).toBe(true)
    expect(isQueued('{True}')).toBe(false)
    expect(parseValue('RF IDeas>{True}')).toBe('true')
    expect(parseValue('{OK}')).toBeNull()
    expect(isError('RF IDeas>Error#1')).toBe(true)
    expect(isError('Error #3')).toBe(true)
    expect(isError('rfid:error')).toBe(false)
  })

  test('reads what it wrote, and never throws', () => {
    fc.assert(
      fc.property(
        fc.nat(0xfffe),
        fc.integer({ min: 4, max: 255 }),
        fc.bigInt(1n, 15n),
        (age, bits, value) => {
          const text = `{0x${age.toString(16)},0,0x0,${bits};0x${value.toString(16)}}`
          expect(parseQueued(text)).toEqual({ card: { bits, value }, age, lockout: 0 })
        },
      ),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '0', 'x', ',', ';', '1', 'f') }),
        (text) => {
          expect(() => parseQueued(text)).not.toThrow()
        },
      ),
    )
  })
})
