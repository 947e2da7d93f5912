import { expect, test, vi } from 'vitest'
import { reportActivity } from './report-activity.ts'

function bench() {
  const target = new EventTarget()
  const report = vi.fn<() => void>()
  let now = 0
  const stop = reportActivity({ target, report, clock: () => now })
  return {
    report,
    stop,
    input: (at: number, type = 'keydown') => {
      now = at
      target.dispatchEvent(new Event(type))
    },
  }
}

test('the first input is reported at once, further ones at most once a second', () => {
  const { report, input } = bench()
  for (const at of [0, 1, 500, 999]) input(at)
  expect(report).toHaveBeenCalledTimes(1)
  input(1000, 'pointermove')
  expect(report).toHaveBeenCalledTimes(2)
})

test('a clock set back does not silence the reports', () => {
  const { report, input } = bench()
  input(100_000)
  input(10)
  expect(report).toHaveBeenCalledTimes(2)
})

test('nothing is reported after the end', () => {
  const { report, stop, input } = bench()
  stop()
  input(5000, 'pointerdown')
  expect(report).not.toHaveBeenCalled()
})
