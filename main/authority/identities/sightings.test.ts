import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { travelOf } from './sightings.ts'

const walk = 30_000
const seen = (at: number | null, from: string | null) => ({
  last_seen_at: at,
  last_seen_workstation_id: from,
})

test.each([
  ['never seen', seen(null, null), walk, null],
  ['unknown', undefined, walk, null],
  ['here a moment ago', seen(999, 'ws-1'), walk, null],
  ['elsewhere a moment ago', seen(999, 'ws-2'), walk, { from: 'ws-2', ms: 1 }],
  ['elsewhere at the same moment', seen(1_000, 'ws-2'), walk, { from: 'ws-2', ms: 0 }],
  ['elsewhere, and nobody asks', seen(999, 'ws-2'), 0, null],
])('a badge %s', (_name, last, walkTime, travel) => {
  expect(travelOf(last, { workstationId: 'ws-1', at: 1_000 }, walkTime)).toEqual(travel)
})

test('it travelled exactly where the time is shorter than the way', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 100_000 }), (ms, walkTime) => {
      const there = seen(5_000, 'ws-2')
      const travel = travelOf(there, { workstationId: 'ws-1', at: 5_000 + ms }, walkTime)
      expect(travel !== null).toBe(ms < walkTime)
    }),
  )
})
