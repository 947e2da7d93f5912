import { expect, test } from 'vitest'
import { findHidReaders } from './hid-models.ts'

const device = (path: string, productId = 0x3bfa, vendorId = 0x0c27) => ({
  path,
  vendorId,
  productId,
  serialNumber: '1',
  product: 'reader',
  usagePage: 1,
  usage: 6,
})
const paths = (...devices: ReturnType<typeof device>[]) =>
  findHidReaders(devices).map((found) => found.device.path)

test('a reader whose collections share a path is one reader', () => {
  expect(paths(device('/dev/hidraw1'), device('/dev/hidraw1'))).toEqual(['/dev/hidraw1'])
})

test('a reader whose collections have paths of their own is one reader', () => {
  const head = String.raw`\\?\HID#VID_0C27&PID_3BFA`
  expect(paths(device(`${head}&Col01#7&1#\\kbd`), device(`${head}&Col02#7&1#`))).toHaveLength(1)
})

test('two equal readers are two', () => {
  expect(paths(device('/dev/hidraw1'), device('/dev/hidraw2'))).toHaveLength(2)
})

test('other devices of the vendor and of other vendors are left alone', () => {
  expect(paths(device('/dev/hidraw1', 0x232a), device('/dev/hidraw2', 0x3bfa, 0x046d))).toEqual([])
})
