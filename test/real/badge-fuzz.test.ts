import { expect, test } from 'vitest'
import { fuzzFormats } from '../support/format-fuzz.ts'

test('no reading of a million throws, hangs or yields a badge that was not on the card', () => {
  const startedAt = performance.now()
  const seed = Date.now() % 2 ** 31
  const { badges, invented, slowestMs } = fuzzFormats({ inputs: 1_000_000, seed })
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    `badge formats: 1,000,000 readings in ${seconds.toFixed(1)} s (seed ${seed}), ` +
      `${badges} badges, ${invented.length} invented, slowest ${slowestMs.toFixed(1)} ms`,
  )
  expect(invented).toEqual([])
  expect(badges).toBeGreaterThan(100_000)
  expect(slowestMs).toBeLessThan(1_000)
  expect(seconds).toBeLessThan(180)
}, 240_000)
