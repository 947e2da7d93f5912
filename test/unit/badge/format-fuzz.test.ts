import { expect, test } from 'vitest'
import { fuzzFormats } from '../../support/format-fuzz.ts'

test('no reading of 100,000 throws, hangs or yields a badge that was not on the card', () => {
  const startedAt = performance.now()
  const { badges, invented, slowestMs } = fuzzFormats({ inputs: 100_000, seed: 11 })
  expect(invented).toEqual([])
  expect(badges).toBeGreaterThan(10_000)
  expect(slowestMs).toBeLessThan(1_000)
  expect(performance.now() - startedAt).toBeLessThan(30_000)
}, 60_000)
