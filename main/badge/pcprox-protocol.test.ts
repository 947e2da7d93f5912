import { describe, expect, test } from 'vitest'
import {
  answerOf,
  cardBuffer,
  commandReport,
  describeInfo,
  endConfigReport,
  isSdkMode,
  lamp,
  sdkMode,
  stripOf,
  transformsOf,
} from './pcprox-protocol.ts'

const bytes = (...values: number[]) =>
  Uint8Array.from({ length: 8 }, (_, index) => values[index] ?? 0)

describe('a report', () => {
  test('is nine bytes, the first zero', () => {
    expect([...commandReport(0x8f)]).toEqual([0, 0x8f, 0, 0, 0, 0, 0, 0, 0])
  })

  test('that ends configuration stores no page', () => {
    expect(endConfigReport()[2]).toBe(0)
  })

  test.each([0, 1, 8, 10, 64])('of %i bytes is no answer', (length) => {
    expect(answerOf(new Uint8Array(length))).toBeNull()
  })

  test('with a report id is no answer', () => {
    expect(answerOf(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0))).toBeNull()
  })
})

describe('a card buffer', () => {
  test('holds the card that both answers describe', () => {
    expect(cardBuffer(bytes(0x43, 0x06, 0x76), bytes(24, 24))).toEqual({
      bytes: bytes(0x43, 0x06, 0x76),
      bits: 24,
    })
  })

  test.each([
    ['the count is zero', bytes(1), bytes(0, 0)],
    ['the two counts differ', bytes(1), bytes(24, 26)],
    ['the count is too small', bytes(1), bytes(3, 3)],
    ['the count is more than the buffer holds', bytes(1), bytes(65, 65)],
    ['the count is followed by data', bytes(1), bytes(24, 24, 1)],
    ['there is data beyond the count', bytes(1, 2, 3, 4), bytes(24, 24)],
    ['the card is the echo of the count', bytes(24, 24), bytes(24, 24)],
  ])('is refused when %s', (_, card, count) => {
    expect(cardBuffer(card, count)).toBeNull()
  })
})

describe('configuration', () => {
  const page0 = bytes(3, 5, 0x21, 16, 26, 0, 40, 0x03)

  test('SDK mode stops the keystrokes and the stripping, and touches nothing else', () => {
    expect(stripOf(page0)).toEqual({ lead: 1, trail: 2 })
    const changed = sdkMode(page0)
    expect([...changed]).toEqual([3, 5, 0, 16, 26, 0, 40, 0x83])
    expect([isSdkMode(page0), isSdkMode(changed)]).toEqual([false, true])
    expect(page0[2]).toBe(0x21)
  })

  test.each([
    [0x08, { invert: true, reverseBits: false, reverseBytes: false }],
    [0x20, { invert: false, reverseBits: true, reverseBytes: false }],
    [0x40, { invert: false, reverseBits: false, reverseBytes: true }],
    [0x97, { invert: false, reverseBits: false, reverseBytes: false }],
  ])('flags %i of page 2 are the transforms %j', (flags, transforms) => {
    expect(transformsOf(bytes(0, flags))).toEqual(transforms)
  })

  test('the lamp is one colour under our control, with the other bits kept', () => {
    const page2 = bytes(0x0d, 0x48, 7)
    expect([...lamp(page2, 'accepted')]).toEqual([0x0e, 0x4a, 7, 0, 0, 0, 0, 0])
    expect([...lamp(page2, 'refused')]).toEqual([0x0d, 0x4a, 7, 0, 0, 0, 0, 0])
  })

  test('names firmware and type', () => {
    expect(describeInfo(bytes(0, 0, 0x73, 22, 0, 0x01, 0x05))).toBe('22.7.3, type 0501')
  })
})
