/* Thread of one polled device: requests block it and nothing else. */
import { parentPort, workerData } from 'node:worker_threads'
import type { HID } from 'node-hid'
import { hidErrorText } from './hid-errors.ts'
import type { Watched } from './hid-port.ts'
import { describeHidDevice } from './describe-hid-device.ts'
import { cell } from './polled-protocol.ts'
import type { PolledAnswer, PolledRequest, PolledSettings } from './polled-protocol.ts'
import { monotonicNow } from './monotonic.ts'

const { path, shared } = workerData as PolledSettings
const cells = new Int32Array(shared)
/** Between a request and its answer the device needs a moment. */
const settleMs = 1
/** How often may change meanwhile: a watch is asked for again after so long. */
const watchMs = 20_000
let device: HID | null = null

function opened(): HID {
  if (device) return device
  throw new Error('device is already closed')
}

/** Raised before and after each request, so that those outside see one that never returns. */
function counted<T>(work: () => T): T {
  Atomics.add(cells, cell.requests, 1)
  try {
    return work()
  } finally {
    Atomics.add(cells, cell.requests, 1)
  }
}

/**
 * Asks until the answer is not all zeros, or is not wanted any more. Runs some ten times a second
 * for hours: it makes no objects that it can do without.
 */
function watch({
  request,
  length,
  everyMs,
  turn,
}: Extract<PolledRequest, { type: 'watch' }>): Watched {
  const hid = opened()
  const report = [...request]
  const offset = monotonicNow() - performance.now()
  const end = performance.now() + watchMs
  let emptyAt: number | null = null
  for (;;) {
    const bytes = counted(() => {
      hid.sendFeatureReport(report)
      Atomics.wait(cells, cell.never, 0, settleMs)
      return hid.getFeatureReport(0, length)
    })
    if (bytes.some((byte) => byte !== 0)) return { emptyAt, ended: 'answered' }
    emptyAt = performance.now() + offset
    // On the beat of a common clock, so that several readers wake the processor together.
    const rest = everyMs - (emptyAt % everyMs)
    const woken = Atomics.wait(cells, cell.turn, turn, rest) !== 'timed-out'
    if (woken || performance.now() > end) return { emptyAt, ended: 'over' }
  }
}

async function answer(request: PolledRequest): Promise<unknown> {
  switch (request.type) {
    case 'open': {
      const { default: hid } = await import('node-hid')
      device = counted(() => new hid.HID(path))
      return null
    }
    case 'send':
      counted(() => opened().sendFeatureReport(Buffer.from(request.report)))
      return null
    case 'get':
      return Uint8Array.from(
        counted(() => opened().getFeatureReport(request.reportId, request.length)),
      )
    case 'info':
      return describeHidDevice({ ...counted(() => opened().getDeviceInfo()), path })
    case 'watch':
      return watch(request)
    case 'close':
      counted(() => opened().close())
      device = null
      return null
  }
}

parentPort?.on('message', (request: PolledRequest) => {
  answer(request).then(
    (value) => reply({ id: request.id, value }),
    (error: unknown) => reply({ id: request.id, error: hidErrorText(error) }),
  )
})

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
const reply = (message: PolledAnswer) => parentPort?.postMessage(message)
