import { afterEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import { createMetrics } from './metrics.ts'
import { meterTaps } from './meter-taps.ts'

let f: AuthorityFixture | null = null
afterEach(() => f?.dispose())

test('the legs of a reported tap are counted for IT, once they are on record', async () => {
  const opened = await authorityFixture()
  f = opened
  const metrics = createMetrics()
  const handlers = meterTaps(opened.authority.handlers, metrics)
  const report = (event: 'tap-timed' | 'reader-ready', detail: Record<string, number | string>) =>
    handlers['workstation.report']({ event, detail }, opened.here)
  await report('tap-timed', { read: 4, resolve: 900, total: 1_200, reader: 'pcProx', tapId: 't' })
  await report('tap-timed', { read: -1, person: 1e9, switch: 'fast' })
  await report('reader-ready', { read: 5 })

  const text = await metrics.text()
  expect(text).toContain('lanyard_tap_leg_seconds_bucket{le="1",leg="resolve"} 1')
  expect(text).toContain('lanyard_tap_leg_seconds_bucket{le="0.5",leg="resolve"} 0')
  expect(text).toContain('lanyard_tap_leg_seconds_count{leg="read"} 1')
  expect(text).toContain('lanyard_tap_leg_seconds_count{leg="total"} 1')
  expect(text).not.toContain('leg="person"')
  expect(text).not.toContain('leg="switch"')

  opened.breakLog(new Error('full'))
  await expect(report('tap-timed', { read: 4 })).rejects.toThrow(/log/)
  expect(await metrics.text()).toContain('lanyard_tap_leg_seconds_count{leg="read"} 1')
})
