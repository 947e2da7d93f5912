import { expect, test } from 'vitest'
import { createSeatClock } from './clock.ts'

test('the wall clock may jump as it likes: the seat goes on, and the jump is told once', () => {
  let wall = 1_000_000
  let monotonic = 5
  const clock = createSeatClock({ wall: () => wall, monotonic: () => monotonic })
  expect(clock.now()).toBe(1_000_000)
  wall += 10_000
  monotonic += 10_000
  expect([clock.now(), clock.look()]).toEqual([1_010_000, 0])
  wall -= 86_400_000
  expect([clock.now(), clock.look(), clock.look()]).toEqual([1_010_000, -86_400_000, 0])
  expect(clock.skew).toBe(-86_400_000)
  wall += 1_500
  expect(clock.look()).toBe(0)
})
