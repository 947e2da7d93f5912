import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClock } from './clock.ts'

const hours = 3_600_000
const start = Date.UTC(2026, 0, 5, 7)

function machine({ wall = start, newestRecord = 0 } = {}) {
  const time = { wall, monotonic: 123.4 }
  const clock = createClock({
    wall: () => time.wall,
    monotonic: () => time.monotonic,
    newestRecord,
  })
  return {
    clock,
    pass: (ms: number) => {
      time.wall += ms
      time.monotonic += ms
    },
    jump: (ms: number) => {
      time.wall += ms
    },
  }
}

test.each([64 * hours, -64 * hours, -1_000, 1_000])(
  'a wall clock that jumps by %i ms changes nothing',
  (by) => {
    const { clock, pass, jump } = machine()
    pass(5_000)
    jump(by)
    pass(5_000)
    expect(clock.now()).toBe(start + 10_000)
  },
)

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

test('whatever the wall clock does, time advances by exactly what passed', () => {
  const step = fc.record({ pass: fc.nat(1e9), jump: fc.integer({ min: -1e12, max: 1e12 }) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { clock, pass, jump } = machine()
      let passed = 0
      for (const each of steps) {
        jump(each.jump)
        pass(each.pass)
        passed += each.pass
        expect(Math.abs(clock.now() - start - passed)).toBeLessThanOrEqual(1)
      }
    }),
  )
})
