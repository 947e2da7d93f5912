import { stat } from 'node:fs/promises'
import type { SerialHandle, SerialPorts } from './serial-port.ts'

/**
 * Real ports. The native module is loaded with the first call, so one that is missing rejects and
 * leaves the process up to report it.
 */
export function createNodeSerialPort({
  platform = process.platform,
}: { readonly platform?: NodeJS.Platform } = {}): SerialPorts {
  const load = async () => (await import('serialport')).SerialPort
  return {
    async exists(path) {
      const SerialPort = await load()
      // To look at a port's file on Windows is to open it, which fails while it is in use.
      if (platform === 'win32') return (await SerialPort.list()).some((port) => port.path === path)
      // Follows the names that stay, such as /dev/serial/by-id.
      const found = await stat(path).catch(() => null)
      return found?.isCharacterDevice() ?? false
    },
    async open(path, baudRate) {
      const SerialPort = await load()
      // Opening raises DTR and RTS on all systems: readers such as the TWN4 send nothing without DTR.
      const port = new SerialPort({ path, baudRate, autoOpen: false })
      let closing = false
      let onError: (error: unknown) => void = () => {}
      port.on('error', (error) => onError(error))
      await settled((done) => port.open(done))
      const handle: SerialHandle = {
        async write(data) {
          await settled((done) => port.write(Buffer.from(data), undefined, done))
        },
        onData: (listener) => void port.on('data', (chunk: Buffer) => listener(chunk)),
        onClose: (listener) =>
          void port.on('close', () => {
            if (!closing) listener()
          }),
        onError: (listener) => {
          onError = listener
        },
        async close() {
          closing = true
          if (!port.isOpen) return
          // Linux waits up to 30 s for a device to take what was written before it closes its port.
          await settled((done) => port.flush(done)).catch(() => {})
          await settled((done) => port.close(done))
        },
      }
      return handle
    },
  }
}

const settled = (start: (done: (error?: Error | null) => void) => unknown): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
