import { expect, test } from 'vitest'
import { randomPiece } from './random.ts'

test('pieces are as long as asked, one’s own, and never the same', () => {
  const pieces = Array.from({ length: 2000 }, (_, at) => randomPiece(16 + (at % 3) * 8))
  expect(pieces.map(({ length }) => length)).toEqual(pieces.map((_, at) => 16 + (at % 3) * 8))
  const texts = pieces.map((piece) => Buffer.from(piece).toString('hex'))
  expect(new Set(texts).size).toBe(2000)
  pieces[0]?.fill(0)
  expect(texts.every((text) => !/^0+$/.test(text))).toBe(true)
  expect(pieces.every(({ buffer, length }) => buffer.byteLength === length)).toBe(true)
})

test('its bits are as many ones as zeros', () => {
  const bytes = Array.from({ length: 4096 }, () => [...randomPiece(32)]).flat()
  const ones = bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  expect(ones / (bytes.length * 8)).toBeCloseTo(0.5, 2)
})
