import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { identifies, isFree, type Standing, standingOf } from './badge-standing.ts'

const statuses = ['active', 'lost', 'detached', 'conflicting'] as const
const now = 1_000

test.each([
  ['permanent', 'active', null, 'active'],
  ['permanent', 'lost', null, 'lost'],
  ['permanent', 'detached', null, 'detached'],
  ['permanent', 'conflicting', null, 'conflicting'],
  ['loaner', 'active', now + 1, 'loaner'],
  ['loaner', 'active', now, 'ended'],
  ['loaner', 'lost', now + 1, 'lost'],
  ['loaner', 'lost', now, 'ended'],
  ['loaner', 'detached', now + 1, 'detached'],
  ['loaner', 'conflicting', now, 'conflicting'],
] as const)('a %s badge that is %s and ends at %s is %s', (kind, status, ends_at, standing) => {
  expect(standingOf({ kind, status, ends_at }, now)).toBe(standing)
})

test('a tag without a row is unknown', () => {
  expect(standingOf(undefined, now)).toBe('unknown')
  expect(standingOf(null, now)).toBe('unknown')
})

test('no badge identifies its owner and is free for another at the same moment', () => {
  const badge = fc.record({
    kind: fc.constantFrom('permanent', 'loaner'),
    status: fc.constantFrom(...statuses),
    ends_at: fc.option(fc.integer({ min: 0, max: 2 * now })),
  })
  fc.assert(
    fc.property(badge, fc.integer({ min: 0, max: 2 * now }), (badge, at) => {
      const standing = standingOf(badge, at)
      expect(identifies(standing) && isFree(standing)).toBe(false)
    }),
  )
})

test('what is lost or quarantined neither identifies anybody nor is free', () => {
  const between: Standing[] = ['lost', 'conflicting']
  expect(between.map(identifies)).toEqual([false, false])
  expect(between.map(isFree)).toEqual([false, false])
})
