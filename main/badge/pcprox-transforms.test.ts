import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyTransforms, undoTransforms } from './pcprox-transforms.ts'

const transforms = fc.record({
  invert: fc.boolean(),
  reverseBits: fc.boolean(),
  reverseBytes: fc.boolean(),
})
const word = fc
  .integer({ min: 4, max: 64 })
  .chain((bits) =>
    fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }).map((value) => ({ bits, value })),
  )
const none = { invert: false, reverseBits: false, reverseBytes: false }

test('a reader hands over the same word whatever its configuration does to the buffer', () => {
  fc.assert(
    fc.property(word, transforms, (given, settings) => {
      const bytes = applyTransforms(given, settings)
      expect(undoTransforms({ bytes, bits: given.bits }, settings)).toEqual(given)
    }),
  )
})

test('an untransformed buffer is little-endian', () => {
  const bytes = Uint8Array.of(0x43, 0x06, 0x76, 0, 0, 0, 0, 0)
  expect(undoTransforms({ bytes, bits: 24 }, none)).toEqual({ bits: 24, value: 0x760643n })
})

test('bits beyond the count are refused', () => {
  const bytes = Uint8Array.of(0xff, 0x1f, 0, 0, 0, 0, 0, 0)
  expect(undoTransforms({ bytes, bits: 12 }, none)).toBeNull()
})
