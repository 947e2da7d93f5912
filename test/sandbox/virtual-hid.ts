import type { HidDeviceInfo, HidHandle, HidPort, PolledHandle } from '../../main/badge/hid-port.ts'
import { createVirtualPcProx, type VirtualPcProx } from './virtual-pcprox.ts'

/** What the simulated system and its one reader do wrong; each until `calm`. */
export type Fault =
  /** Requests are never answered. */
  | 'hang'
  /** Requests fail at once, as after a control transfer that the device stalls. */
  | 'error'
  /** Answers are random, truncated or oversized. */
  | 'babble'
  /** Answers are those of earlier requests. */
  | 'stale'
  | 'permission'
  | 'driver'

export interface VirtualHid extends HidPort {
  readonly reader: VirtualPcProx
  /** The next device at the same path answers with this serial number. */
  plug(serialNumber?: string): void
  unplug(): void
  fault(fault: Fault | null): void
  /** Feature requests that were made so far. */
  readonly requests: number
  readonly openHandles: number
}

export interface VirtualHidOptions {
  readonly now: () => number
  /** 0 to 1; for what babbling and stale readers say. */
  readonly random?: () => number
  /** Offers `openPolled`, as the real port does. */
  readonly polled?: boolean
}

const device = {
  path: '/dev/virtual-pcprox',
  vendorId: 0x0c27,
  productId: 0x3bfa,
  product: 'RFIDeas USB Keyboard',
  usagePage: 1,
  usage: 6,
} as const

/** The texts of node-hid on Linux; HIDAsync rejects with strings. */
const texts = {
  gone: 'could not get feature report from device: ioctl (GFEATURE): No such device',
  io: 'could not get feature report from device: ioctl (GFEATURE): Input/output error',
  denied: `cannot open device with path ${device.path}: Permission denied`,
  missing: `cannot open device with path ${device.path}: No such file or directory`,
  closed: 'device is already closed',
  driver: 'libusb-1.0.so.0: cannot open shared object file: No such file or directory',
} as const

/** A HID system with one simulated pcProx that answers the same 8-byte reports as a real one. */
export function createVirtualHid({
  now,
  random = Math.random,
  polled = false,
}: VirtualHidOptions): VirtualHid {
  const reader = createVirtualPcProx({ now })
  const answers: Uint8Array[] = []
  let plugged: { readonly serialNumber: string } | null = { serialNumber: '1' }
  let fault: Fault | null = null
  let released: (() => void)[] = []
  let requests = 0
  let openHandles = 0

  const info = (serialNumber: string): HidDeviceInfo => ({ ...device, serialNumber })

  function createHandle(owner: { readonly serialNumber: string }): HidHandle {
    let open = true
    /** One request after the other, as on node-hid's one worker per device. */
    let queue: Promise<unknown> = Promise.resolve()
    const enqueue = <T>(work: () => T): Promise<T> => {
      const turn = queue.then(async () => {
        if (fault === 'hang') await new Promise<void>((resolve) => released.push(resolve))
        if (!open) fail(texts.closed)
        return work()
      })
      queue = turn.catch(() => {})
      return turn
    }
    const request = <T>(work: () => T): Promise<T> =>
      enqueue(() => {
        requests += 1
        if (plugged !== owner) fail(texts.gone)
        if (fault === 'error') fail(texts.io)
        return work()
      })
    openHandles += 1
    return {
      sendFeatureReport: (report) => request(() => reader.write(report.slice(1))),
      getFeatureReport: (_id, length) =>
        request(() => {
          const honest = Uint8Array.of(0, ...reader.read()).slice(0, length)
          answers.push(honest)
          if (answers.length > 64) answers.shift()
          if (fault === 'babble') return nonsense(honest, random)
          if (fault === 'stale') return answers[Math.floor(random() * answers.length)] ?? honest
          return honest
        }),
      info: () => enqueue(() => info(plugged?.serialNumber ?? '')),
      close: () =>
        enqueue(() => {
          open = false
          openHandles -= 1
        }),
      onError() {},
      onReport() {},
    }
  }

  /** As the real one, with timers in place of a thread. */
  function createPolledHandle(owner: { readonly serialNumber: string }): PolledHandle {
    const handle = createHandle(owner)
    let turn = 0
    let made = 0
    let wake = () => {}
    const interrupt = () => {
      turn += 1
      wake()
    }
    const request = async <T>(work: () => Promise<T>): Promise<T> => {
      made += 1
      try {
        return await work()
      } finally {
        made += 1
      }
    }
    const asked = <T>(work: () => Promise<T>) => {
      interrupt()
      return request(work)
    }
    return {
      ...handle,
      sendFeatureReport: (report) => asked(() => handle.sendFeatureReport(report)),
      getFeatureReport: (id, length) => asked(() => handle.getFeatureReport(id, length)),
      interrupt,
      requests: () => made,
      async watch({ request: report, length, everyMs }) {
        interrupt()
        const mine = turn
        const end = now() + 20_000
        for (let emptyAt: number | null = null; ;) {
          const bytes = await request(async () => {
            await handle.sendFeatureReport(report)
            return handle.getFeatureReport(0, length)
          })
          if (bytes.some((byte) => byte !== 0)) return { emptyAt, ended: 'answered' }
          emptyAt = now()
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, everyMs - (now() % everyMs))
            wake = () => {
              clearTimeout(timer)
              resolve()
            }
          })
          if (turn !== mine || now() > end) return { emptyAt, ended: 'over' }
        }
      },
    }
  }

  return {
    reader,
    ...(polled
      ? {
          async openPolled() {
            if (fault === 'permission') fail(texts.denied)
            if (!plugged) fail(texts.missing)
            return createPolledHandle(plugged)
          },
        }
      : {}),
    async list() {
      if (fault === 'driver') {
        throw Object.assign(new Error(texts.driver), { code: 'ERR_DLOPEN_FAILED' })
      }
      // Two collections of one device, as on Linux.
      return plugged ? [info(plugged.serialNumber), info(plugged.serialNumber)] : []
    },
    async open() {
      if (fault === 'permission') fail(texts.denied)
      if (!plugged) fail(texts.missing)
      return createHandle(plugged)
    },
    plug(serialNumber = '1') {
      plugged = { serialNumber }
      reader.powerOn()
    },
    unplug() {
      plugged = null
    },
    fault(next) {
      fault = next
      for (const release of released) release()
      released = []
    },
    get requests() {
      return requests
    },
    get openHandles() {
      return openHandles
    },
  }
}

/** HIDAsync rejects with strings, not errors. */
function fail(text: string): never {
  // oxlint-disable-next-line typescript/only-throw-error
  throw text
}

function nonsense(honest: Uint8Array, random: () => number): Uint8Array {
  const byte = () => Math.floor(random() * 256)
  const choice = random()
  if (choice < 0.3) return honest.slice(0, Math.floor(random() * honest.length))
  if (choice < 0.5) return Uint8Array.of(...honest, ...honest, byte())
  return Uint8Array.from(honest, (_, index) => (index === 0 ? 0 : byte()))
}
