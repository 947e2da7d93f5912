import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoreError, type StoreErrorCode } from '../../store/port.ts'
import type { DatabaseTime } from './database-time.ts'
import { createPulse } from './pulse.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A database that answers like this from the start on; how often it was said that it is lost. */
async function lostOf(code: StoreErrorCode): Promise<number> {
  const onLost = vi.fn<() => void>()
  const pulse = createPulse({
    watch: { unsequenced: () => Promise.reject(new StoreError(code, 'no', 'none')) },
    monotonic: () => Date.now(),
    onLost,
  })
  const time = { sync: () => Promise.resolve() } as unknown as DatabaseTime
  pulse.start({ time, now: () => Date.now() })
  await vi.advanceTimersByTimeAsync(4_900)
  expect(pulse.trouble()).toBeNull()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(pulse.trouble()).toBe('database')
  expect(pulse.lost()).toBe(code === 'unreachable')
  pulse.stop()
  return onLost.mock.calls.length
}

test('a database that cannot be reached is lost after a while, again with each look', async () => {
  expect(await lostOf('unreachable')).toBeGreaterThan(1)
})

test('one that is only busy makes the node not ready, and is never lost', async () => {
  expect(await lostOf('busy')).toBe(0)
})
