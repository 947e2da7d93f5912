import type { Device } from 'node-hid'
import type { HidDeviceInfo } from './hid-port.ts'

/** Null for a device without a path, which cannot be opened. */
export function describeHidDevice(device: Device): HidDeviceInfo | null {
  if (!device.path) return null
  return {
    path: device.path,
    vendorId: device.vendorId,
    productId: device.productId,
    serialNumber: device.serialNumber ?? '',
    product: device.product ?? '',
    usagePage: device.usagePage ?? 0,
    usage: device.usage ?? 0,
  }
}
