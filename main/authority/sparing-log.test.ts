import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSparingLog } from './sparing-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a storm of one line is a few of it and their number, and other lines are heard', () => {
  const lines: unknown[][] = []
  const log = createSparingLog({ write: (...line) => lines.push(line), most: 2, every: 1000 })
  for (let n = 0; n < 5; n += 1) log('error', 'store-failed', { code: 'busy' })
  log('error', 'store-failed', { code: 'full' })
  log('error', 'call-failed', { name: 'Error' })
  expect(lines).toEqual([
    ['error', 'store-failed', { code: 'busy' }],
    ['error', 'store-failed', { code: 'busy' }],
    ['error', 'store-failed', { code: 'full' }],
    ['error', 'call-failed', { name: 'Error' }],
  ])
  lines.length = 0
  vi.advanceTimersByTime(1000)
  expect(lines).toEqual([['error', 'store-failed', { code: 'busy', leftOut: 3 }]])
  log('error', 'store-failed', { code: 'busy' })
  expect(lines.at(-1)).toEqual(['error', 'store-failed', { code: 'busy' }])
  lines.length = 0
  vi.advanceTimersByTime(1000)
  expect(lines).toEqual([])
})
