import { expect, test } from 'vitest'
import { createSleepWatch } from './sleep-watch.ts'

test('a sleep is told once, to the first who asks after it', () => {
  let [monotonic, uptime] = [5_000, 90_000]
  const slept = createSleepWatch({ now: () => monotonic, uptimeMs: () => uptime })
  const pass = (ms: number, asleep = 0) => {
    monotonic += ms
    uptime += ms + asleep
  }
  expect(slept()).toBe(false)
  pass(3_600_000)
  expect(slept()).toBe(false)
  pass(10, 60_000)
  expect([slept(), slept()]).toEqual([true, false])
})
