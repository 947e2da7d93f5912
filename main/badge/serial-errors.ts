import { hidErrorText } from './hid-errors.ts'

export type SerialFault =
  /** The port is not there any more. */
  | 'gone'
  | 'denied'
  /** Another program has it. */
  | 'busy'
  /** The native module cannot be loaded. */
  | 'driver'
  | 'failed'

const patterns: readonly (readonly [RegExp, SerialFault])[] = [
  [
    /ERR_DLOPEN_FAILED|cannot open shared object|No native build|could not locate the bindings|MODULE_NOT_FOUND/i,
    'driver',
  ],
  [
    /no such file or directory|no such device|file not found|bad file descriptor|device not configured|input\/output error|port is not open|disconnected/i,
    'gone',
  ],
  [/cannot lock port|resource busy|temporarily unavailable/i, 'busy'],
  [/permission denied|operation not permitted|access denied/i, 'denied'],
]

/**
 * What an error of the serial driver means, by the texts of serialport 13 on Linux, macOS and
 * Windows. Windows says `Access denied` of a port in use, too.
 */
export function classifySerialError(error: unknown): SerialFault {
  const text = hidErrorText(error)
  for (const [pattern, fault] of patterns) if (pattern.test(text)) return fault
  return 'failed'
}
