import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startAtFakePort as start } from '../../test/real/serial/fake-port.ts'
import { createVirtualRfIdeas } from '../../test/real/serial/virtual-rfideas.ts'
import { encodeWiegand, h10301 } from './wiegand.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

const now = () => Date.now()
const nurseBadge = 'WIEGAND|H10301|26|118|1603'
/** As a pcProx Plus writes it. */
const physician = encodeWiegand(h10301, { facility: 90, number: 324 }).value.toString(16)
const physicianBadge = 'WIEGAND|H10301|26|90|324'

describe.each([false, true])('a pcProx Plus, chatty: %s', (chatty) => {
  async function ready() {
    const started = start('rfideas')
    const device = createVirtualRfIdeas({ send: started.print, now, chatty })
    started.connect(device)
    await pass(2_000)
    return { ...started, device }
  }

  test('hands over the whole word, and is given back as it was', async () => {
    const { device, events, states, reader } = await ready()
    expect(states).toEqual(['ready'])
    expect(device.variables.get('wieg.strip.lead.bits')).toBe('0')
    device.present('2ec0c86', 26)
    await pass(500)
    expect(events).toEqual([nurseBadge])
    device.remove()
    await pass(2_000)
    expect(events).toEqual([nurseBadge, 'gone'])
    const stopping = reader.stop()
    await pass(1_000)
    await expect(stopping).resolves.toEqual({ hung: false })
    expect(device.variables.get('wieg.strip.lead.bits')).toBe('1')
    expect(device.variables.get('out.led')).toBe('255')
  })

  test('tells a card that stays once, and one that came before anyone listened never', async () => {
    const started = start('rfideas')
    const device = createVirtualRfIdeas({ send: started.print, now, chatty })
    device.present('2ec0c86', 26)
    started.connect(device)
    await pass(60_000)
    expect(started.events.filter((event) => event !== 'gone')).toEqual([])
    device.present(physician, 26)
    await pass(60_000)
    expect(started.events.filter((event) => event !== 'gone')).toEqual([physicianBadge])
  })

  test('a card that was read before a resync is no tap', async () => {
    const { device, events, reader } = await ready()
    device.present('2ec0c86', 26)
    reader.resync()
    await pass(1_000)
    expect(events).toEqual([])
    device.present(physician, 26)
    await pass(1_000)
    expect(events.at(-1)).toBe(physicianBadge)
  })

  test('that falls silent says so, and is ready again without a tap', async () => {
    const { device, events, states } = await ready()
    device.silent = true
    await pass(1_500)
    expect(states).toEqual(['ready', 'silent'])
    device.present('2ec0c86', 26)
    device.silent = false
    await pass(6_000)
    expect(states).toEqual(['ready', 'silent', 'ready'])
    expect(events.filter((event) => event !== 'gone')).toEqual([])
  })

  test('whose power was away is set again, and given back as it was at first', async () => {
    const { device, events, reader } = await ready()
    device.silent = true
    await pass(1_500)
    device.variables.set('wieg.strip.lead.bits', '1')
    device.silent = false
    await pass(6_000)
    expect(device.variables.get('wieg.strip.lead.bits')).toBe('0')
    device.present('2ec0c86', 26)
    await pass(500)
    expect(events.at(-1)).toBe(nurseBadge)
    const stopping = reader.stop()
    await pass(1_000)
    await stopping
    expect(device.variables.get('wieg.strip.lead.bits')).toBe('1')
  })

  test('lights for a moment', async () => {
    const { device, reader } = await ready()
    reader.feedback('refused')
    await pass(300)
    expect(device.variables.get('out.led')).toBe('1')
    await pass(1_000)
    expect(device.variables.get('out.led')).toBe('255')
  })
})
