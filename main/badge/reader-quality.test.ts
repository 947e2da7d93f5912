import { expect, test } from 'vitest'
import {
  countFailure,
  countReading,
  initialQuality,
  risen,
  type QualityState,
} from './reader-quality.ts'

const minute = 60_000

/** Readings and failures, one a minute from `from`, the failures last. */
function hour(state: QualityState, from: number, readings: number, failures: number) {
  let next = state
  for (let index = 0; index < readings + failures; index += 1) {
    const count = index < readings ? countReading : countFailure
    next = count(next, from + index * minute)
  }
  return next
}

test('a reader that fails more often than before is told once an hour', () => {
  let state = initialQuality
  for (let at = 0; at < 10; at += 1) state = hour(state, at * 60 * minute, 58, 1)
  const now = 11 * 60 * minute
  expect(risen(state, now)).toBeNull()
  state = hour(state, 10 * 60 * minute + 5 * minute, 30, 10)
  const found = risen(state, now)
  expect(found?.counted).toEqual({ failures: 10, readings: 30 })
  expect(found && risen(found.state, now + minute)).toBeNull()
})

test('a reader that always was so is no news', () => {
  let state = initialQuality
  for (let at = 0; at < 12; at += 1) state = hour(state, at * 60 * minute, 30, 10)
  expect(risen(state, 12 * 60 * minute - 10 * minute)).toBeNull()
})

test('one card that cannot be read, held there for a minute, is one failure', () => {
  let state = initialQuality
  for (let at = 0; at < minute; at += 150) state = countFailure(state, at)
  expect(state.slots).toEqual([{ startedAt: 0, failures: 1, readings: 0 }])
})

test('a day is kept, and no more', () => {
  let state = initialQuality
  for (let at = 0; at < 100; at += 1) state = hour(state, at * 60 * minute, 1, 0)
  expect(state.slots.length).toBeLessThanOrEqual(24)
})
