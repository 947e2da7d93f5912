import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seedSchema } from '../protocol/index.ts'
import { staff } from '../../../test/support/authority.ts'
import { isOffShift, loanerEnd, rosterMargin, type Shift, shiftsOf } from './roster.ts'

const hour = 3_600_000
const early: Shift = { from: 6 * hour, to: 14 * hour }
const late: Shift = { from: 14 * hour, to: 22 * hour }

test.each([
  ['long before it', early.from - rosterMargin - 1, true],
  ['shortly before it', early.from - rosterMargin, false],
  ['in it', early.from + 1, false],
  ['shortly after it', early.to + rosterMargin, false],
  ['long after it', early.to + rosterMargin + 1, true],
])('somebody %s is off shift: %i, %s', (_name, now, off) => {
  expect(isOffShift([early], now)).toBe(off)
})

test('of somebody without a roster nothing is known, of an empty one everything', () => {
  expect(isOffShift(shiftsOf(null), 0)).toBe(false)
  expect(isOffShift(shiftsOf('[]'), 0)).toBe(true)
})

test.each([
  ['no roster is known', null, early.from, early.from + 12 * hour],
  ['no shift runs', [early], early.to, early.to + 12 * hour],
  ['the shift ends sooner', [early, late], early.from + hour, early.to],
  ['the loan ends sooner', [{ from: 0, to: 48 * hour }], hour, 13 * hour],
  ['two shifts overlap', [early, { from: 7 * hour, to: 15 * hour }], 8 * hour, 15 * hour],
] as const)('where %s, a loaner ends then', (_name, shifts, now, end) => {
  expect(loanerEnd({ now, life: 12 * hour, shifts })).toBe(end)
})

const shift = fc
  .tuple(fc.nat(100 * hour), fc.integer({ min: 1, max: 24 * hour }))
  .map(([from, length]) => ({ from, to: from + length }))

test('a loaner always ends after now, never after its life, and nobody in a shift is off it', () => {
  fc.assert(
    fc.property(
      fc.array(shift, { maxLength: 6 }),
      fc.nat(100 * hour),
      fc.integer({ min: 1, max: 24 * hour }),
      (shifts, now, life) => {
        const end = loanerEnd({ now, life, shifts })
        expect(end).toBeGreaterThan(now)
        expect(end).toBeLessThanOrEqual(now + life)
        // What ends sooner ends with a shift that runs.
        expect(end < now + life && isOffShift(shifts, now)).toBe(false)
      },
    ),
  )
})

const parse = (roster: unknown) => seedSchema.parse({ people: [{ ...staff('maria'), roster }] })

test('a roster may be written in milliseconds or ISO 8601, and reads the same the second time', () => {
  const shifts = [{ from: '2026-01-05T06:00:00Z', to: '2026-01-05T15:00:00+01:00' }]
  const once = parse(shifts)
  const ms = [{ from: Date.UTC(2026, 0, 5, 6), to: Date.UTC(2026, 0, 5, 14) }]
  expect(once.people[0]?.roster).toEqual(ms)
  expect(seedSchema.parse(once)).toEqual(once)
  expect(shiftsOf(JSON.stringify(ms))).toEqual(ms)
})

test.each([
  ['a shift that ends before it begins', [{ from: 2, to: 1 }]],
  ['a time without its zone', [{ from: '2026-01-05T06:00:00', to: '2026-01-05T14:00:00' }]],
  ['a shift without an end', [{ from: 1 }]],
])('%s is refused', (_name, roster) => {
  expect(() => parse(roster)).toThrow('roster')
})

test('people without a roster may leave it out', () => {
  const { roster: _none, ...rest } = staff('maria')
  expect(seedSchema.parse({ people: [rest] }).people[0]?.roster).toBe(null)
})
