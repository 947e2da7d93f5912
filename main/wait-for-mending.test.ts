import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FaultCode } from '../preload/shown/fault.ts'
import { StartFault } from './start-files.ts'
import { waitForMending } from './wait-for-mending.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const waiting = (shown: FaultCode, answers: (FaultCode | null)[]) => {
  const seen: string[] = []
  const stop = waitForMending({
    attempt: () => {
      const code = answers.shift() ?? null
      return code === null ? Promise.resolve() : Promise.reject(new StartFault(code, 'why'))
    },
    startAnew: () => seen.push('start anew'),
    shown: { code: shown, detail: 'why' },
    show: ({ code }) => seen.push(code),
  })
  const look = () => vi.advanceTimersByTimeAsync(15_000)
  return { seen, stop, look, answers }
}

test('it starts anew once this machine is enrolled, and only once', async () => {
  const { seen, look } = waiting('not-enrolled', ['not-enrolled', null])
  await look()
  expect(seen).toEqual([])
  await look()
  await look()
  expect(seen).toEqual(['start anew'])
})

test('the screen says what keeps it now', async () => {
  const { seen, look } = waiting('authority-unreachable', ['clock-wrong', 'clock-wrong'])
  await look()
  await look()
  expect(seen).toEqual(['clock-wrong'])
})

test('another mistake in a file is told, and the same one once', async () => {
  const seen: string[] = []
  const mistakes = ['missing', 'no JSON', 'no JSON']
  waitForMending({
    attempt: () => Promise.reject(new StartFault('configuration', mistakes.shift() ?? '')),
    startAnew: () => seen.push('start anew'),
    shown: { code: 'configuration', detail: 'missing' },
    show: ({ detail }) => seen.push(detail),
  })
  await vi.advanceTimersByTimeAsync(45_000)
  expect(seen).toEqual(['no JSON'])
})

test('a spent token stays told as refused although it is gone', async () => {
  const refused = waiting('authority-unreachable', ['enrolment-refused', 'not-enrolled'])
  await refused.look()
  await refused.look()
  expect(refused.seen).toEqual(['enrolment-refused'])
})

test('stopped, it neither looks nor says anything', async () => {
  const { seen, stop, look, answers } = waiting('not-enrolled', ['clock-wrong', null])
  stop()
  await look()
  expect(seen).toEqual([])
  expect(answers).toHaveLength(2)
})
