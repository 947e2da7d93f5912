import { assert, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countdown, createTimeFormat, secondsLeft } from './format.ts'

const at = new Date(2026, 10, 22, 7, 5).getTime()

test('times have 24 hours and two digits in both languages', () => {
  const midnight = new Date(2026, 10, 22, 0, 0).getTime()
  for (const locale of ['en', 'de'] as const) {
    expect(createTimeFormat(locale).time(at)).toBe('07:05')
    expect(createTimeFormat(locale).time(midnight)).toBe('00:00')
  }
})

test('dates name the month, so that no order of digits misleads', () => {
  expect(createTimeFormat('en').dateTime(at)).toBe('22 Nov 2026 07:05')
  expect(createTimeFormat('de').dateTime(at)).toBe('22. Nov. 2026 07:05')
})

test('a time is enough for today, another day is named', () => {
  const { lately, seconds } = createTimeFormat('en')
  expect(lately(at, at + 3_600_000)).toBe('07:05')
  expect(lately(at, at + 86_400_000)).toBe('22 Nov 2026 07:05')
  expect(seconds(at + 9000)).toBe('07:05:09')
})

describe('countdown', () => {
  test.each([
    [30_000, '00:30'],
    [29_001, '00:30'],
    [29_000, '00:29'],
    [0, '00:00'],
    [-5000, '00:00'],
    [42 * 60_000 + 7000, '42:07'],
    [3_600_000, '1:00:00'],
  ])('%i ms: %s', (left, expected) => {
    expect(countdown(at + left, at)).toBe(expected)
  })

  test('never runs up while time goes on, and never below zero', () => {
    assert(
      property(nat(20_000_000), nat(20_000_000), nat(20_000_000), (end, a, b) => {
        const [early, late] = a < b ? [a, b] : [b, a]
        expect(secondsLeft(end, late)).toBeLessThanOrEqual(secondsLeft(end, early))
        expect(secondsLeft(end, late)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
