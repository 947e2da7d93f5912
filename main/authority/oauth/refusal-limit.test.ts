import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRefusalLimit } from './refusal-limit.ts'

test('every refusal is recorded or counted in a later record, at most so many a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 400 }), (pauses) => {
      let clock = 0
      const limit = createRefusalLimit({ now: () => clock, perMinute: 5 })
      const perMinute = new Map<number, number>()
      let told = 0
      const refuse = () => {
        const taken = limit.take()
        if (taken === null) return
        told += 1 + taken.unrecorded
        const minute = Math.floor(clock / 60_000)
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1)
      }
      for (const pause of pauses) {
        clock += pause
        refuse()
      }
      clock += 60_000
      refuse()
      expect(told).toBe(pauses.length + 1)
      expect(Math.max(...perMinute.values())).toBeLessThanOrEqual(5)
    }),
  )
})
