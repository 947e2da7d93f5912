import { describeHidDevice } from './describe-hid-device.ts'
import { openPolled } from './polled-handle.ts'
import type { HidHandle, HidPort } from './hid-port.ts'

/**
 * Real devices. The native module is loaded with the first call, so a missing system library
 * rejects `list` and leaves the process up to report it.
 */
export function createNodeHidPort(): HidPort {
  const load = async () => (await import('node-hid')).default
  return {
    async list() {
      const { devicesAsync } = await load()
      const devices = await devicesAsync()
      return devices.flatMap((device) => {
        const described = describeHidDevice(device)
        return described ? [described] : []
      })
    },
    async open(path) {
      const { HIDAsync } = await load()
      const device = await HIDAsync.open(path)
      let listener: (error: unknown) => void = () => {}
      device.on('error', (error: unknown) => listener(error))
      const handle: HidHandle = {
        async sendFeatureReport(report) {
          await device.sendFeatureReport(Buffer.from(report))
        },
        getFeatureReport: (id, length) => device.getFeatureReport(id, length),
        async info() {
          const info = describeHidDevice({ ...(await device.getDeviceInfo()), path })
          if (!info) throw new Error(`No device information for the open device at ${path}.`)
          return info
        },
        // Never for a keyboard on Windows: its collection cannot be read, and the error is fatal.
        onReport: (next) => void device.on('data', (data: Uint8Array) => next(data)),
        close: () => device.close(),
        onError: (next) => {
          listener = next
        },
      }
      return handle
    },
    openPolled,
  }
}
