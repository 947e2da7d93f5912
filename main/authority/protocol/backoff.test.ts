import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { serviceBackoff, waitBefore } from './backoff.ts'

const lost = (attempts: number, random: number, closeCode = 1006) =>
  waitBefore({ attempts, closeCode }, serviceBackoff, random)

test.each([
  [0, 500, 1_000],
  [1, 1_000, 2_000],
  [3, 4_000, 8_000],
  [4, 7_500, 15_000],
  [1_000, 7_500, 15_000],
])('after %i failed attempts it waits between %i and %i ms', (attempts, least, most) => {
  expect(lost(attempts, 0)).toBe(least)
  expect(lost(attempts, 1)).toBe(most)
})

test('a server that said it stops is left within a second, spread from the first moment on', () => {
  for (const code of [1001, 1012]) {
    expect(lost(0, 0, code)).toBe(0)
    expect(lost(0, 1, code)).toBe(1_000)
    expect(lost(1, 1, code)).toBe(2_000)
  }
})

test('no wait is longer than the longest, whatever was said', () => {
  fc.assert(
    fc.property(
      fc.nat(5_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(1000, 1001, 1006, 1008, 1012),
      (attempts, random, code) => {
        const wait = lost(attempts, random, code)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(serviceBackoff.longest)
      },
    ),
  )
})
