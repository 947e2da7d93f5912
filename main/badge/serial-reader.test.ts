import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startAtFakePort as start } from '../../test/real/serial/fake-port.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('its port', () => {
  test.each([
    ['Error: Permission denied, cannot open /dev/ttyACM0', 'denied'],
    ['Error: No such file or directory, cannot open /dev/ttyACM0', 'unplugged'],
    ['Opening COM4: Access denied', 'denied'],
    ['Opening COM4: File not found', 'unplugged'],
    ['Error Resource temporarily unavailable Cannot lock port', 'failed'],
    ['Error baud rate of 7 is not supported on your platform', 'failed'],
  ])('%s', async (message, end) => {
    await expect(start('lines', new Error(message)).reader.ended).resolves.toBe(end)
  })

  test('one that another program has is said so', async () => {
    const { reader, details } = start('lines', new Error('Error Cannot lock port'))
    await reader.ended
    expect(details).toEqual([expect.stringMatching(/another program/i)])
  })

  test.each(['elatec-simple', 'rfideas', 'lines'] as const)(
    'unplugged with %s',
    async (protocol) => {
      const started = start(protocol)
      await pass(300)
      started.unplug()
      await pass(10)
      await expect(started.reader.ended).resolves.toBe('unplugged')
      expect(started.port.closes).toBe(1)
    },
  )

  test('that the policy names otherwise or no more is closed', async () => {
    const started = start('lines')
    await pass(300)
    started.reader.configure(started.options)
    await pass(300)
    expect(started.port.closes).toBe(0)
    started.reader.configure({ ...started.options, ports: [] })
    await pass(10)
    await expect(started.reader.ended).resolves.toBe('failed')
    expect(started.port.closes).toBe(1)
  })
})
