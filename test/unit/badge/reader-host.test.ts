import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHidSource } from '../../../main/badge/hid-source.ts'
import { createReaderHost } from '../../../main/badge/reader-host.ts'
import type { ReaderMessage } from '../../../main/badge/reader-messages.ts'
import { encodeWiegand, h10301 } from '../../../main/badge/wiegand.ts'
import { createVirtualHid } from '../../sandbox/virtual-hid.ts'
import { factoryPages } from '../../sandbox/virtual-pcprox.ts'

const nurse = encodeWiegand(h10301, { facility: 118, number: 1603 })
const physician = encodeWiegand(h10301, { facility: 90, number: 324 })
const nurseBadge = 'WIEGAND|H10301|26|118|1603'
const physicianBadge = 'WIEGAND|H10301|26|90|324'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const now = () => Date.now()

const ports = [
  ['is asked', false],
  ['waits in a thread', true],
] as const
let polled = false
function start({ format = 'H10301' }: { format?: 'H10301' | 'raw' } = {}) {
  const hid = createVirtualHid({ now, polled })
  const messages: ReaderMessage[] = []
  const host = createReaderHost({
    source: createHidSource({ hid, platform: 'win32' }),
    now,
    send: (message) => messages.push(message),
  })
  const configure = () =>
    host.obey({
      type: 'configure',
      format,
      profiles: [],
      ports: [],
      avoid: [],
      pollMs: 150,
      debounceMs: 1_000,
    })
  return {
    hid,
    host,
    messages,
    configure,
    states: () => messages.flatMap((message) => (message.type === 'reader' ? [message.state] : [])),
    events: () =>
      messages.flatMap((message) =>
        message.type === 'reader' || message.type === 'opening' || message.type === 'opened'
          ? []
          : [message.type === 'tap' ? message.badge : message.type],
      ),
    stop: async () => {
      const stopping = host.stop()
      await pass(5_000)
      return stopping
    },
  }
}

async function ready(options: Parameters<typeof start>[0] = {}) {
  const started = start(options)
  started.configure()
  await pass(1_000)
  expect(started.states().at(-1)).toBe('ready')
  return started
}

describe.each(ports)('the reader host, over a port that %s', (_, waits) => {
  beforeEach(() => {
    polled = waits
  })

  test('touches no device before it is configured', async () => {
    const { hid, states } = start()
    await pass(5_000)
    expect([states(), hid.requests, hid.openHandles]).toEqual([['starting'], 0, 0])
  })

  test('turns a badge into a tap within one poll, and its absence into a departure', async () => {
    const { hid, messages, events, stop } = await ready()
    const laid = now()
    hid.reader.present(nurse)
    await pass(200)
    expect(messages.at(-1)).toMatchObject({ type: 'tap', badge: nurseBadge })
    const [tap] = messages.filter((message) => message.type === 'tap')
    expect(tap?.at).toBeGreaterThanOrEqual(laid)
    expect(tap?.at).toBeLessThanOrEqual(laid + 200)
    hid.reader.remove()
    await pass(1_000)
    expect(events()).toEqual([nurseBadge, 'gone'])
    await stop()
  })

  test('a badge left on the reader for an hour is one tap', async () => {
    const { hid, events, stop } = await ready()
    hid.reader.present(nurse)
    await pass(3_600_000)
    expect(events()).toEqual([nurseBadge])
    await stop()
  })

  test('a badge that lay there at start, and at a resync, is no tap', async () => {
    const { hid, host, configure, events, stop } = start()
    hid.reader.present(nurse)
    configure()
    await pass(2_000)
    host.obey({ type: 'resync' })
    await pass(2_000)
    expect(events()).toEqual([])
    hid.reader.remove()
    await pass(3_000)
    hid.reader.present(nurse)
    await pass(300)
    expect(events()).toEqual(['gone', nurseBadge])
    await stop()
  })

  test('a colleague is accepted at once, two badges together are not', async () => {
    const { hid, events, stop } = await ready()
    hid.reader.present(nurse)
    await pass(2_000)
    hid.reader.present(physician)
    await pass(300)
    expect(events()).toEqual([nurseBadge, physicianBadge])
    await pass(3_000)
    hid.reader.presentTwo(nurse, physician)
    await pass(3_000)
    expect(events().slice(2)).toEqual([nurseBadge, 'two-badges'])
    hid.reader.remove()
    await pass(2_000)
    hid.reader.present(nurse)
    await pass(300)
    expect(events().slice(4)).toEqual(['gone', nurseBadge])
    await stop()
  })

  test('says that no reader is plugged in, looks every two seconds, and finds it', async () => {
    const { hid, states, configure, stop } = start()
    hid.unplug()
    configure()
    await pass(10_000)
    expect(states()).toEqual(['starting', 'missing'])
    hid.plug()
    await pass(2_500)
    expect(states()).toEqual(['starting', 'missing', 'ready'])
    await stop()
  })

  test('enumerates every ten seconds at most while a reader is open', async () => {
    const { hid, stop } = await ready()
    const list = vi.spyOn(hid, 'list')
    await pass(60_000)
    expect(list.mock.calls.length).toBeGreaterThan(3)
    expect(list.mock.calls.length).toBeLessThanOrEqual(6)
    await stop()
  })

  test('a badge after a night of nothing is one tap, read half as often at most', async () => {
    const { hid, events, stop } = await ready()
    await pass(9 * 3_600_000)
    const before = hid.requests
    await pass(60_000)
    const asked = (hid.requests - before) / 2
    expect(asked).toBeGreaterThanOrEqual(195)
    expect(asked).toBeLessThanOrEqual(210)
    hid.reader.present(nurse)
    await pass(400)
    expect(events()).toEqual([nurseBadge])
    await stop()
  })

  test('says when a reader is about to be opened, and when the driver has survived it', async () => {
    const { messages, stop } = await ready()
    const opening = messages.flatMap((message) =>
      message.type === 'opening' || message.type === 'opened' ? [message.type] : [],
    )
    expect(opening).toEqual(['opening', 'opened'])
    await stop()
  })

  test('leaves a reader alone that it is told to avoid, and serves it when it is not any more', async () => {
    const { messages, configure, stop } = start()
    configure()
    await pass(1_000)
    const opened = messages.find((message) => message.type === 'opening')
    await stop()
    const again = start()
    const avoid = [opened?.type === 'opening' ? opened.reader : '']
    again.host.obey({
      type: 'configure',
      format: 'H10301',
      pollMs: 150,
      profiles: [],
      ports: [],
      avoid,
      debounceMs: 1_000,
    })
    await pass(3_000)
    expect(again.states()).toEqual(['starting', 'silent'])
    again.configure()
    await pass(11_000)
    expect(again.states()).toEqual(['starting', 'silent', 'ready'])
    await again.stop()
  })

  test('says that the reader was unplugged, and serves what is plugged in again', async () => {
    const { hid, states, events, stop } = await ready()
    hid.unplug()
    await pass(300)
    expect(states().at(-1)).toBe('unplugged')
    await pass(10_000)
    hid.reader.present(nurse)
    hid.plug('2')
    await pass(3_000)
    expect(states().at(-1)).toBe('ready')
    expect([hid.openHandles, events()]).toEqual([1, []])
    await stop()
    expect(hid.openHandles).toBe(0)
  })

  test('does not serve another device that took over the path between finding and opening', async () => {
    const { hid, states, configure, stop } = start()
    const list = hid.list.bind(hid)
    vi.spyOn(hid, 'list').mockImplementationOnce(async () => {
      const found = await list()
      hid.plug('another')
      return found
    })
    configure()
    await pass(100)
    expect([states().at(-1), hid.reader.pages[0]]).toEqual(['unplugged', factoryPages[0]])
    await pass(2_500)
    expect(states().at(-1)).toBe('ready')
    await stop()
  })

  test('a reader that may not be opened is reported once, and opened when it may', async () => {
    const { hid, states, configure, stop } = start()
    hid.fault('permission')
    configure()
    await pass(20_000)
    expect(states()).toEqual(['starting', 'permission-denied'])
    hid.fault(null)
    await pass(2_500)
    expect(states().at(-1)).toBe('ready')
    await stop()
  })

  test('a missing system library is reported with what to install', async () => {
    const { hid, messages, configure, stop } = start()
    hid.fault('driver')
    configure()
    await pass(5_000)
    expect(messages.at(-1)).toMatchObject({
      state: 'driver-missing',
      detail: expect.stringContaining('libusb-1.0-0'),
    })
    await stop()
  })
})

describe.each(ports)('a reader that misbehaves, over a port that %s', (_, waits) => {
  beforeEach(() => {
    polled = waits
  })

  test.each(['hang', 'error'] as const)(
    '%s: is silent, and ready again afterwards',
    async (fault) => {
      const { hid, states, events, stop } = await ready()
      hid.fault(fault)
      await pass(5_000)
      expect(states().at(-1)).toBe('silent')
      hid.reader.present(nurse)
      hid.fault(null)
      await pass(3_000)
      expect([states().at(-1), events()]).toEqual(['ready', []])
      await stop()
    },
  )

  test('that fails is asked only every two seconds', async () => {
    const { hid, stop } = await ready()
    hid.fault('error')
    await pass(5_000)
    const before = hid.requests
    await pass(20_000)
    expect(hid.requests - before).toBeLessThanOrEqual(11)
    await stop()
  })

  test('unplugged while it hangs is found to be gone', async () => {
    const { hid, states, stop } = await ready()
    hid.fault('hang')
    await pass(2_000)
    hid.unplug()
    hid.fault(null)
    await pass(3_000)
    expect(states().at(-1)).toBe('unplugged')
    await stop()
  })

  test('babbles: it is ignored, and what lies there when it calms down is no tap', async () => {
    const { hid, states, events, stop } = await ready()
    hid.fault('babble')
    await pass(10_000)
    expect([states().at(-1), events()]).toEqual(['babbling', []])
    hid.reader.present(nurse)
    hid.fault(null)
    await pass(6_000)
    expect([states().at(-1), events()]).toEqual(['ready', []])
    hid.reader.remove()
    await pass(3_000)
    hid.reader.present(nurse)
    await pass(300)
    expect(events()).toEqual(['gone', nurseBadge])
    await stop()
  })

  test('repeats old answers: no badge is tapped that was not there', async () => {
    const { hid, events, stop } = await ready()
    hid.reader.present(nurse)
    await pass(1_000)
    hid.reader.present(physician)
    await pass(1_000)
    hid.fault('stale')
    await pass(60_000)
    for (const event of events()) {
      expect([nurseBadge, physicianBadge, 'gone', 'two-badges', 'quality']).toContain(event)
    }
    await stop()
  })
})

describe.each(ports)('the settings of a reader, over a port that %s', (_, waits) => {
  beforeEach(() => {
    polled = waits
  })

  test('are changed in RAM only, and are as they were when the host stops', async () => {
    const { hid, stop } = await ready()
    const [zero] = hid.reader.pages
    expect([zero[2], (zero[7] ?? 0) & 0x80]).toEqual([0, 0x80])
    expect(await stop()).toEqual({ hung: false })
    expect(hid.reader.pages).toEqual(factoryPages)
    expect([hid.reader.eepromWrites, hid.openHandles]).toEqual([0, 0])
  })

  test('cannot be given back by a device that hangs, and the host stops all the same', async () => {
    const { hid, stop } = await ready()
    hid.fault('hang')
    await pass(500)
    expect(await stop()).toEqual({ hung: true })
  })

  test('may keep stripping parity: badges are the same, and the detail says so', async () => {
    const { hid, messages, events, configure, stop } = start()
    hid.reader.fixStrip(true)
    configure()
    await pass(1_000)
    expect(messages.at(-1)).toMatchObject({ detail: expect.stringContaining('1+1 parity bits') })
    hid.reader.present(nurse)
    await pass(300)
    expect(events()).toEqual([nurseBadge])
    await stop()
  })

  test('may transform what is read: badges are the same', async () => {
    const { hid, events, configure, stop } = start()
    const [zero, one] = factoryPages
    hid.reader.burn([zero, one, Uint8Array.of(0, 0x68, 0, 0, 0, 0, 0, 0)])
    configure()
    await pass(1_000)
    hid.reader.present(nurse)
    await pass(300)
    expect(events()).toEqual([nurseBadge])
    await stop()
  })

  test('light the lamp as an answer to a tap, and leave it to the reader afterwards', async () => {
    const { hid, host, messages, stop } = await ready()
    hid.reader.present(nurse)
    await pass(300)
    const last = messages.at(-1)
    const reader = last?.type === 'tap' ? last.reader : ''
    host.obey({ type: 'feedback', reader, signal: 'accepted' })
    await pass(200)
    expect(hid.reader.lamp).toBe('green')
    await pass(800)
    expect(hid.reader.lamp).toBe('own')
    host.obey({ type: 'feedback', reader, signal: 'refused' })
    await pass(200)
    expect(hid.reader.lamp).toBe('red')
    await stop()
    expect(hid.reader.lamp).toBe('own')
  })
})

describe.each(ports)('a badge of another kind, over a port that %s', (_, waits) => {
  beforeEach(() => {
    polled = waits
  })

  test('of another length keeps its raw bits', async () => {
    const { hid, events, stop } = await ready()
    hid.reader.present({ bits: 37, value: 0x12_3456_789an })
    await pass(300)
    expect(events()).toEqual(['WIEGAND|RAW|37|123456789a'])
    await stop()
  })

  test('with wrong parity is taken for what it is only when it reads the same three times', async () => {
    const { hid, events, stop } = await ready()
    hid.reader.present({ bits: 26, value: nurse.value ^ 1n })
    await pass(250)
    expect(events()).toEqual([])
    await pass(300)
    expect(events()).toEqual([`WIEGAND|RAW|26|${(nurse.value ^ 1n).toString(16).padStart(7, '0')}`])
    await stop()
  })

  test('on a site of raw badges is its bits, whatever its parity', async () => {
    const { hid, events, stop } = await ready({ format: 'raw' })
    hid.reader.present(nurse)
    await pass(300)
    expect(events()).toEqual(['WIEGAND|RAW|26|2ec0c86'])
    await stop()
  })
})
