import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HidDeviceInfo, HidHandle, HidPort } from './hid-port.ts'
import { startInputReader } from './input-reader.ts'
import type { ReaderOptions, TapEvent } from './reader.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const now = () => Date.now()

const scanner: HidDeviceInfo = {
  path: '/dev/hidraw3',
  vendorId: 0x0c2e,
  productId: 0x0b6a,
  serialNumber: '1',
  product: 'Voyager',
  usagePage: 0x8c,
  usage: 0x02,
}
const options: ReaderOptions = {
  format: 'raw',
  profiles: [{ reader: '*', cards: 'text', length: 4, prefix: '' }],
  ports: [],
  pollMs: 150,
  debounceMs: 1_000,
}

interface Faults {
  readonly open?: unknown
  readonly really?: HidDeviceInfo
  /** Reports that wait since before the opening. */
  readonly waiting?: readonly Uint8Array[]
  readonly device?: HidDeviceInfo
}
function start({ open, really = scanner, waiting = [], device = scanner }: Faults = {}) {
  let hear: (report: Uint8Array) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  let there = true
  let closed = 0
  let opened = 0
  const handle: HidHandle = {
    sendFeatureReport: async () => {},
    getFeatureReport: async () => new Uint8Array(),
    info: async () => really,
    onReport(listener) {
      hear = listener
      for (const one of waiting) setImmediate(() => listener(one))
    },
    onError(listener) {
      fail = listener
    },
    async close() {
      closed += 1
    },
  }
  const hid: HidPort = {
    list: async () => (there ? [device] : []),
    async open() {
      opened += 1
      if (open !== undefined) throw open
      return handle
    },
  }
  const taps: string[] = []
  const states: string[] = []
  const reader = startInputReader({
    hid,
    device,
    kind: 'hid-pos',
    identity: { kind: 'hid-pos', model: 'Scanner', vendorId: 1, productId: 2, name: '' },
    context: {
      options,
      inspect: 'off',
      now,
      report: {
        health: (health) => states.push(health),
        presence: (event: TapEvent) =>
          taps.push(
            event.type === 'tap'
              ? Buffer.from(event.badge.split('|').at(-1) ?? '', 'hex').toString()
              : event.type,
          ),
        inspection: () => {},
        quality: () => {},
      },
    },
  })
  return {
    reader,
    taps,
    states,
    scan: (text: string) => hear(code(text)),
    hear: (bytes: Uint8Array) => hear(bytes),
    fail: (error: unknown) => fail(error),
    unplug() {
      there = false
    },
    get closed() {
      return closed
    },
    get opened() {
      return opened
    },
  }
}
function code(text: string, more = 0): Uint8Array {
  const bytes = new Uint8Array(64)
  bytes.set([2, text.length, 0x5d, 0x43, 0x30, ...Buffer.from(text)])
  bytes[63] = more
  return bytes
}

describe('a scanner', () => {
  test('tells a code once, and again only after a while', async () => {
    const { scan, taps, states } = start()
    await pass(100)
    scan('1234')
    scan('1234')
    await pass(500)
    scan('1234')
    const badges = () => taps.filter((event) => event !== 'gone')
    expect(badges()).toEqual(['1234'])
    scan('5678')
    await pass(1_500)
    scan('5678')
    expect(badges()).toEqual(['1234', '5678', '5678'])
    expect(states).toEqual(['ready'])
  })

  test('what waited since before the opening is no tap', async () => {
    const started = start({ waiting: Array.from({ length: 63 }, () => code('1234')) })
    await pass(500)
    expect(started.taps).toEqual([])
    started.scan('5678')
    expect(started.taps).toEqual(['5678', 'gone'])
  })

  test('what waited is no tap either when the process was held up meanwhile', async () => {
    const started = start()
    await pass(1)
    vi.setSystemTime(now() + 400)
    await pass(50)
    started.scan('1234')
    expect(started.taps).toEqual([])
    await pass(60)
    started.scan('5678')
    expect(started.taps).toEqual(['5678', 'gone'])
  })

  test('half a code before it was heard does not make its rest a code', async () => {
    const started = start()
    await pass(10)
    started.hear(code('12', 1))
    await pass(60)
    started.hear(code('3456'))
    started.scan('5678')
    expect(started.taps).toEqual(['5678', 'gone'])
  })

  test('what was scanned before a resync is no tap', async () => {
    const started = start()
    await pass(100)
    started.reader.resync()
    started.scan('1234')
    await pass(100)
    started.scan('5678')
    expect(started.taps).toEqual(['5678', 'gone'])
  })

  test('nonsense makes it babble, and calm makes it ready by itself', async () => {
    const started = start()
    await pass(100)
    for (let count = 0; count < 9; count += 1) started.scan('\u0001')
    started.scan('1234')
    expect(started.states).toEqual(['ready', 'babbling'])
    await pass(4_000)
    expect(started.states).toEqual(['ready', 'babbling', 'ready'])
    started.scan('1234')
    expect(started.taps).toEqual(['1234', 'gone'])
  })
})

describe('its end', () => {
  test.each([
    [
      'unplugged, by the text of Linux',
      'could not read from HID device: hid_read_timeout: unexpected poll error (device disconnected)',
      'unplugged',
    ],
    [
      'unplugged, by the number of Windows',
      'could not read: ReadFile: (0x0000048F) …',
      'unplugged',
    ],
    ['another error', 'could not read from HID device', 'failed'],
  ])('%s', async (_name, error, end) => {
    const started = start()
    await pass(100)
    started.fail(error)
    await pass(10)
    await expect(started.reader.ended).resolves.toBe(end)
    expect(started.closed).toBe(1)
  })

  test('an error of a device that is not listed any more is an unplug', async () => {
    const started = start()
    await pass(100)
    started.unplug()
    started.fail('could not read from HID device')
    await pass(10)
    await expect(started.reader.ended).resolves.toBe('unplugged')
  })

  test('one that may not be opened is denied', async () => {
    const { reader } = start({
      open: 'cannot open device with path /dev/hidraw3: Permission denied',
    })
    await expect(reader.ended).resolves.toBe('denied')
  })

  test('another device under its path is not read', async () => {
    const started = start({ really: { ...scanner, serialNumber: '2' } })
    await expect(started.reader.ended).resolves.toBe('unplugged')
    expect(started.closed).toBe(1)
  })

  test('a keyboard is not even opened', async () => {
    const started = start({ device: { ...scanner, usagePage: 0x01, usage: 0x06 } })
    await expect(started.reader.ended).resolves.toBe('failed')
    expect(started.opened).toBe(0)
  })

  test('stopped, it is closed', async () => {
    const started = start()
    await pass(100)
    await expect(started.reader.stop()).resolves.toEqual({ hung: false })
    await expect(started.reader.ended).resolves.toBe('stopped')
    expect(started.closed).toBe(1)
  })
})
