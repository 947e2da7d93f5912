import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createClock } from './clock.ts'

const hours = 3_600_000
const start = Date.UTC(2026, 0, 5, 7)

function machine({ wall = start, newestRecord = 0 } = {}) {
  const time = { wall, monotonic: 123.4 }
  const forward = vi.fn<() => void>()
  const clock = createClock({
    wall: () => time.wall,
    monotonic: () => time.monotonic,
    newestRecord,
    onForward: forward,
  })
  return {
    clock,
    forward,
    time,
    pass: (ms: number) => {
      time.wall += ms
      time.monotonic += ms
    },
    jump: (ms: number) => {
      time.wall += ms
    },
  }
}

test.each([-64 * hours, -1_000, 1_000, 4_900])(
  'a wall clock that jumps by %i ms changes nothing',
  (by) => {
    const { clock, pass, jump } = machine()
    pass(5_000)
    jump(by)
    pass(5_000)
    expect(clock.now()).toBe(start + 10_000)
  },
)

test('a sleep counts: time moves on by it, is told, and does not go back with the wall clock', () => {
  const { clock, pass, jump, forward } = machine()
  pass(5_000)
  jump(8 * hours)
  expect(clock.now()).toBe(start + 5_000 + 8 * hours)
  expect(forward).toHaveBeenCalledOnce()
  jump(-8 * hours)
  pass(hours)
  expect(clock.now()).toBe(start + 5_000 + 9 * hours)
  expect(forward).toHaveBeenCalledOnce()
})

test('a clock that was set back hides no sleep', () => {
  const { clock, jump } = machine()
  jump(-8 * hours)
  expect(clock.now()).toBe(start)
  jump(2 * hours)
  expect(clock.now()).toBe(start + 2 * hours)
})

test('a wall clock that is behind the log at the start and is put right is no sleep', () => {
  const { clock, jump } = machine({ newestRecord: start + 1000 * hours })
  expect(clock.now()).toBe(start + 1000 * hours)
  jump(1000 * hours)
  expect(clock.now()).toBe(start + 1000 * hours)
  jump(hours)
  expect(clock.now()).toBe(start + 1001 * hours)
})

test('many small steps forward are one large one', () => {
  const { clock, jump } = machine()
  for (let n = 0; n < 100; n++) {
    jump(1_000)
    expect(start + (n + 1) * 1_000 - clock.now()).toBeLessThanOrEqual(5_000)
  }
})

test('a wall clock in a wrong year takes time no further than a month ahead, and then a day', () => {
  const { clock, jump } = machine()
  const year = 365 * 24 * hours
  jump(100 * year)
  expect(clock.now()).toBe(start + 31 * 24 * hours)
  jump(-101 * year)
  expect(clock.now()).toBe(start + 31 * 24 * hours)
  jump(year)
  expect(clock.now()).toBe(start + 31 * 24 * hours + 25 * hours)
})

test('a jump of more than 5 s is reported once, with its size, and again when it is undone', () => {
  const { clock, pass, jump } = machine()
  expect(clock.jump()).toBeNull()
  jump(4_900)
  expect(clock.jump()).toBeNull()
  jump(64 * hours)
  pass(1_000)
  expect(clock.jump()).toBe(64 * hours + 4_900)
  expect(clock.jump()).toBeNull()
  jump(-64 * hours)
  expect(clock.jump()).toBe(-64 * hours)
  expect(clock.jump()).toBeNull()
})

test('it never starts behind the newest record, and says that the wall clock is behind', () => {
  const newestRecord = start + 3 * hours
  const { clock, pass } = machine({ newestRecord })
  expect(clock.now()).toBe(newestRecord)
  pass(10)
  expect(clock.now()).toBe(newestRecord + 10)
  expect(clock.jump()).toBe(-3 * hours)
  expect(clock.jump()).toBeNull()
})

test('between any two moments time moves on at least as both clocks do', () => {
  const step = fc.record({
    pass: fc.nat(1e9),
    jump: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -6_000, max: 6_000 }),
      fc.integer({ min: -1e12, max: 24 * hours }),
    ),
  })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { clock, pass, jump, time } = machine()
      const moments = [{ ...time, now: clock.now() }]
      for (const each of steps) {
        jump(each.jump)
        pass(each.pass)
        const now = clock.now()
        for (const before of moments) {
          expect(now - before.now).toBeGreaterThanOrEqual(time.monotonic - before.monotonic - 1)
          // Nothing lives longer than a day, so nothing has to be counted beyond that.
          const walled = Math.min(time.wall - before.wall, 24 * hours)
          expect(now - before.now).toBeGreaterThanOrEqual(walled - 5_001)
        }
        moments.push({ ...time, now })
      }
    }),
  )
})

test('without a jump time is what has passed, and with jumps forward it is not ahead of them', () => {
  const step = fc.record({ pass: fc.nat(1e9), jump: fc.nat(1e9) })
  fc.assert(
    fc.property(fc.array(step), fc.boolean(), (steps, jumps) => {
      const { clock, pass, jump, time } = machine()
      for (const each of steps) {
        if (jumps) jump(each.jump)
        pass(each.pass)
        expect(clock.now()).toBeLessThanOrEqual(time.wall + 1)
      }
    }),
  )
})
