import { hidErrorText } from './hid-errors.ts'

export type PcscFault =
  /** The service does not run, or ended. */
  | 'no-service'
  /** The system's library for the service is not installed. */
  | 'no-library'
  /** The native module is missing or of another system. */
  | 'no-module'
  | 'denied'
  /** Another program holds the card. */
  | 'shared'
  /** The card went away or lost its power. */
  | 'card-gone'
  | 'reader-gone'
  /** Anything else: the card or the reader did not do what was asked. */
  | 'failed'

const faults: ReadonlyMap<string, PcscFault> = new Map(
  Object.entries({
    'no-service': ['NoService', 'ServiceStopped', 'Shutdown', 'SystemCancelled', 'InvalidHandle'],
    denied: ['AccessDenied', 'NoAccess', 'PermissionDenied', 'SecurityViolation'],
    shared: ['SharingViolation', 'CardIsBusy'],
    'card-gone': ['NoSmartCard', 'RemovedCard', 'ResetCard', 'UnpoweredCard', 'NoCardConnection'],
    'reader-gone': ['UnknownReader', 'ReaderUnavailable', 'NoReadersAvailable'],
  } as const).flatMap(([fault, codes]) => codes.map((code) => [code, fault as PcscFault] as const)),
)

/** What an error of pcsc-mini 0.1.3 means: codes of the native part, texts of its loader. */
export function classifyPcscError(error: unknown): PcscFault {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = faults.get(code)
  if (known) return known
  const text = hidErrorText(error)
  if (/libpcsclite/i.test(text)) return 'no-library'
  return /addon dependency not found|ERR_DLOPEN|MODULE_NOT_FOUND|Unsupported platform/i.test(text)
    ? 'no-module'
    : 'failed'
}

/** The first line of whatever was thrown, with its code when it has one. */
export function pcscErrorText(error: unknown): string {
  const text = hidErrorText(error).replace(/\s*\n[^]*$/, '')
  return text.endsWith(':') || text.endsWith('.') ? text.slice(0, -1) : text
}
