import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startAtFakePort as start } from '../../test/real/serial/fake-port.ts'
import { createVirtualTwn4 } from '../../test/real/serial/virtual-twn4.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

const nurse = { type: 0x49, bits: 26, hex: 'bb032180' }
const nurseBadge = 'WIEGAND|H10301|26|118|1603'

describe('a TWN4', () => {
  async function ready() {
    const started = start('elatec-simple')
    const twn4 = createVirtualTwn4({ send: started.print })
    started.connect(twn4)
    await pass(1_000)
    return { ...started, twn4 }
  }
  const empty = async ({ twn4 }: Awaited<ReturnType<typeof ready>>) => {
    twn4.tag = null
    await pass(2_000)
  }

  test('is ready with its firmware, and tells a badge once, and when it is gone', async () => {
    const started = await ready()
    expect(started.states).toEqual(['ready'])
    expect(started.details).toEqual(['Firmware TWN4/B1.08/NKF4.51/PRS1.04.'])
    started.twn4.tag = nurse
    await pass(2_000)
    expect(started.events).toEqual([nurseBadge])
    await empty(started)
    expect(started.events).toEqual([nurseBadge, 'gone'])
  })

  test('does not take for a tap what lies there at the start or a resync', async () => {
    const started = start('elatec-simple')
    const twn4 = createVirtualTwn4({ send: started.print })
    started.connect(twn4)
    twn4.tag = nurse
    await pass(2_000)
    await empty({ ...started, twn4 })
    expect(started.events.filter((event) => event !== 'gone')).toEqual([])
    twn4.tag = nurse
    started.reader.resync()
    await pass(1_000)
    await empty({ ...started, twn4 })
    expect(started.events.filter((event) => event !== 'gone')).toEqual([])
    twn4.tag = nurse
    await pass(500)
    expect(started.events.at(-1)).toBe(nurseBadge)
  })

  test('that answers late is silent, and its late answers are nobody’s', async () => {
    const started = await ready()
    await empty(started)
    started.twn4.fault = 'late'
    started.twn4.tag = nurse
    await pass(1_500)
    expect(started.states).toEqual(['ready', 'silent'])
    started.twn4.tag = null
    started.twn4.fault = 'none'
    started.twn4.catchUp()
    await pass(5_000)
    expect(started.states).toEqual(['ready', 'silent', 'ready'])
    expect(started.events).toEqual([])
    started.twn4.tag = nurse
    await pass(500)
    expect(started.events).toEqual([nurseBadge])
  })

  test('whose answer comes twice is asked anew which answer is which', async () => {
    const started = await ready()
    await empty(started)
    started.print('00014920'.padEnd(40, '0') + '\r')
    started.twn4.tag = nurse
    const before = started.twn4.requests
    await pass(600)
    expect(started.twn4.requests).toBeGreaterThan(before + 1)
    await empty(started)
    expect(started.events.filter((event) => event !== 'gone')).toEqual([])
    started.twn4.tag = nurse
    await pass(500)
    expect(started.events.at(-1)).toBe(nurseBadge)
  })

  test.each(['garbage', 'half'] as const)('that sends %s tells no badge', async (fault) => {
    const started = await ready()
    await empty(started)
    started.twn4.tag = nurse
    started.twn4.fault = fault
    await pass(6_000)
    expect(started.events).toEqual([])
    expect(started.states.at(-1)).toBe('silent')
    started.twn4.fault = 'none'
    await empty(started)
    await pass(6_000)
    expect(started.states.at(-1)).toBe('ready')
    started.twn4.tag = nurse
    await pass(500)
    expect(started.events).toEqual([nurseBadge])
  })

  test('that says of every search that it cannot is silent', async () => {
    const started = await ready()
    started.twn4.fault = 'refuse'
    await pass(3_000)
    expect(started.states).toEqual(['ready', 'silent'])
  })

  test('lights green or red for a moment, beeps, and is given back dark', async () => {
    const { reader, twn4 } = await ready()
    reader.feedback('accepted')
    await pass(300)
    expect([twn4.lamps, twn4.beeps]).toEqual([2, 1])
    await pass(1_000)
    expect(twn4.lamps).toBe(0)
    reader.feedback('refused')
    await pass(300)
    expect([twn4.lamps, twn4.beeps]).toEqual([1, 2])
    const stopping = reader.stop()
    await pass(1_000)
    await expect(stopping).resolves.toEqual({ hung: false })
    expect(twn4.lamps).toBe(0)
  })

  test('that answers nothing is silent with what to check, and ready when it does', async () => {
    const started = start('elatec-simple')
    await pass(10_000)
    expect(started.states).toEqual(expect.arrayContaining(['silent']))
    expect(started.details.at(-1)).toMatch(/ttyACM0 at 115200 baud, the protocol elatec-simple/)
    started.connect(createVirtualTwn4({ send: started.print }))
    await pass(8_000)
    expect(started.states.at(-1)).toBe('ready')
    const stopping = started.reader.stop()
    await pass(2_000)
    await expect(stopping).resolves.toEqual({ hung: false })
    expect(started.port.closes).toBe(1)
  })
})
