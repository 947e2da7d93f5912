import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClockOffset } from './clock-offset.ts'

test('a time is moved by no more than half of the quickest exchange from the truth', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 40 }),
      (apart, ways) => {
        const offset = createClockOffset()
        let now = 1_000
        for (const [there, back] of ways) {
          const sentAt = now
          offset.record({
            sentAt,
            there: sentAt + there + apart,
            answeredAt: sentAt + there + back,
          })
          now += 1_000
        }
        const wrong = Math.abs(offset.toHere(now + apart) - now)
        expect(wrong).toBeLessThanOrEqual(offset.uncertainty + 1e-6)
      },
    ),
  )
})

test('a time of the other clock means nothing before the first exchange', () => {
  expect(() => createClockOffset().toHere(5)).toThrow(/No exchange/)
})
