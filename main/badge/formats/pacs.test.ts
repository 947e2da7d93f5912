import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePacs } from './pacs.ts'

const parse = (hex: string) => parsePacs(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('the answer of an OMNIKEY with the bits of a credential', () => {
  test.each([
    ['37 bits', '9d 08 03 06 03 81258c47d0 9000', 37, 0x81258c47d0n >> 3n],
    ['26 bits', '9d 07 03 05 06 9a4e0c80 9000', 26, 0x9a4e0c80n >> 6n],
    ['whole bytes', '9d 06 03 04 00 010203 9000', 24, 0x010203n],
    ['lengths in two bytes', '9d 81 07 03 81 04 00 010203 9000', 24, 0x010203n],
    ['leading zeros', '9d 05 03 03 00 0001 9000', 16, 1n],
  ])('%s', (_name, hex, bits, value) => {
    expect(parse(hex)).toEqual({ bits, value })
  })

  test.each([
    ['nothing', ''],
    ['a status alone', '9000'],
    ['a refusal', '6a81'],
    ['bits, and a refusal', '9d 08 03 06 03 81258c47d0 6300'],
    ['another tag', '9e 08 03 06 03 81258c47d0 9000'],
    ['another tag inside', '9d 08 04 06 03 81258c47d0 9000'],
    ['no bits', '9d 03 03 01 00 9000'],
    ['no value', '9d 00 9000'],
    ['an empty string of bits', '9d 02 03 00 9000'],
    ['fewer bits than a badge has', '9d 04 03 02 05 e0 9000'],
    ['eight unused bits', '9d 08 03 06 08 81258c47d0 9000'],
    ['less than the length says', '9d 09 03 06 03 81258c47d0 9000'],
    ['more than the length says', '9d 07 03 06 03 81258c47d0 9000'],
    ['less inside', '9d 08 03 07 03 81258c47d0 9000'],
    ['something behind it', '9d 08 03 06 03 81258c47d0 00 9000'],
    ['a length of indefinite form', '9d 80 03 06 03 81258c47d0 9000'],
    ['more bits than a badge has', `9d 24 03 22 00 ${'ff'.repeat(33)} 9000`],
  ])('is not taken from %s', (_name, hex) => {
    expect(parse(hex)).toBeNull()
  })

  test('every word of 4 to 256 bits comes back', () => {
    const words = fc
      .integer({ min: 4, max: 256 })
      .chain((bits) => fc.tuple(fc.constant(bits), fc.bigInt(0n, (1n << BigInt(bits)) - 1n)))
    fc.assert(
      fc.property(words, ([bits, value]) => {
        const unused = (8 - (bits % 8)) % 8
        const bytes = (value << BigInt(unused)).toString(16).padStart((bits + unused) / 4, '0')
        const count = bytes.length / 2 + 1
        const hex = (n: number) => n.toString(16).padStart(2, '0')
        expect(parse(`9d${hex(count + 2)}03${hex(count)}${hex(unused)}${bytes}9000`)).toEqual({
          bits,
          value,
        })
      }),
    )
  })

  test('no bytes make it throw, and a truncated answer is none', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parsePacs(bytes)))
    const whole = Buffer.from('9d0803060381258c47d09000', 'hex')
    for (let length = 0; length < whole.length; length += 1)
      expect(parsePacs(whole.subarray(0, length))).toBeNull()
  })
})
