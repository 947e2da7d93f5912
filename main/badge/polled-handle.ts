import { Worker } from 'node:worker_threads'
import type { HidDeviceInfo, PolledHandle, Watched } from './hid-port.ts'
import { cell } from './polled-protocol.ts'
import type { PolledAnswer, PolledRequest, PolledSettings } from './polled-protocol.ts'

/** Beside this file, in the sources and in a bundle. */
const workerFile = import.meta.url.endsWith('.ts') ? './polled-worker.ts' : './polled-worker.js'

type Asked = PolledRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never

/**
 * Opens a device in a thread of its own, where waiting for a card costs the event loop nothing.
 * Rejects with the driver's text, as node-hid does.
 */
export async function openPolled(path: string): Promise<PolledHandle> {
  const shared = new SharedArrayBuffer(4 * Object.keys(cell).length)
  const cells = new Int32Array(shared)
  const settings: PolledSettings = { path, shared }
  const worker = new Worker(new URL(workerFile, import.meta.url), { workerData: settings })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let asked = 0
  let ended = false

  worker.on('message', ({ id, value, error }: PolledAnswer) => {
    const turn = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) turn?.resolve(value)
    else turn?.reject(error)
  })
  const end = (reason: string) => {
    ended = true
    for (const turn of waiting.values()) turn.reject(reason)
    waiting.clear()
  }
  worker.on('error', (error) => end(`the reader's thread failed: ${error.message}`))
  worker.on('exit', () => end('device is already closed'))

  function interrupt() {
    Atomics.add(cells, cell.turn, 1)
    Atomics.notify(cells, cell.turn)
  }
  function ask(request: Asked): Promise<unknown> {
    if (ended) return Promise.reject(new Error('device is already closed'))
    interrupt()
    asked += 1
    const turn = Promise.withResolvers<unknown>()
    waiting.set(asked, turn)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    worker.postMessage({ ...request, id: asked })
    return turn.promise
  }

  try {
    await ask({ type: 'open' })
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    async sendFeatureReport(report) {
      await ask({ type: 'send', report })
    },
    getFeatureReport: async (id, length) =>
      (await ask({ type: 'get', reportId: id, length })) as Uint8Array,
    info: async () => (await ask({ type: 'info' })) as HidDeviceInfo,
    async close() {
      try {
        await ask({ type: 'close' })
      } finally {
        await worker.terminate()
      }
    },
    onError() {},
    async watch(options) {
      // Asking raises it by one.
      const turn = Atomics.load(cells, cell.turn) + 1
      return (await ask({ type: 'watch', turn, ...options })) as Watched
    },
    interrupt,
    requests: () => Atomics.load(cells, cell.requests),
  }
}
