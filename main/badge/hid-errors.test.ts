import { expect, test } from 'vitest'
import { classifyHidError, hidErrorText } from './hid-errors.ts'

test.each([
  [
    'gone',
    'could not read from HID device: hid_read_timeout: unexpected poll error (device disconnected)',
  ],
  ['gone', 'could not send feature report to device: ioctl (SFEATURE): No such device'],
  ['gone', 'cannot open device with path /dev/hidraw9: No such file or directory'],
  ['gone', 'HidD_SetFeature: (0x0000048F) Das Gerät ist nicht angeschlossen.'],
  ['denied', 'cannot open device with path /dev/hidraw1: Permission denied'],
  ['failed', 'could not get feature report from device: ioctl (GFEATURE): Input/output error'],
  ['failed', 'device is already closed'],
  ['failed', undefined],
] as const)('%s: %s', (fault, text) => {
  expect(classifyHidError(text)).toBe(fault)
  expect(classifyHidError(new Error(String(text)))).toBe(fault)
})

test('a library that is missing is the driver, not the device', () => {
  const error = Object.assign(
    new Error('libusb-1.0.so.0: cannot open shared object file: No such file or directory'),
    { code: 'ERR_DLOPEN_FAILED' },
  )
  expect(classifyHidError(error)).toBe('driver')
  expect(hidErrorText(error)).toContain('libusb-1.0.so.0')
})
