export type HidFault =
  /** The device is not there any more. */
  | 'gone'
  | 'denied'
  /** The native module or a system library that it needs cannot be loaded. */
  | 'driver'
  /** Anything else: it is there and did not do what was asked. */
  | 'failed'

const patterns: readonly (readonly [RegExp, HidFault])[] = [
  [
    /ERR_DLOPEN_FAILED|cannot open shared object|could not locate the bindings|MODULE_NOT_FOUND/i,
    'driver',
  ],
  [
    /no such device|device disconnected|no such file or directory|\(0x0000048F\)|\(0x00000002\)/i,
    'gone',
  ],
  [/permission denied|operation not permitted|\(0x00000005\)/i, 'denied'],
]

/**
 * What an error of the HID layer means. Accepts the strings that node-hid throws; Windows texts are
 * translated by the system, so its error numbers are matched (1167 not connected, 2 not found,
 * 5 access denied).
 */
export function classifyHidError(error: unknown): HidFault {
  const text = hidErrorText(error)
  for (const [pattern, fault] of patterns) if (pattern.test(text)) return fault
  return 'failed'
}

/** The text of whatever was thrown, with its code when it has one. */
export function hidErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code} ` : ''
  return `${code}${error.message}`
}
