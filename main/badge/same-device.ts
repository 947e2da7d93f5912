import type { HidDeviceInfo } from './hid-port.ts'

/** Whether what was opened is what was found: a path can be taken over by another device. */
export const sameDevice = (a: HidDeviceInfo, b: HidDeviceInfo): boolean =>
  a.vendorId === b.vendorId && a.productId === b.productId && a.serialNumber === b.serialNumber
