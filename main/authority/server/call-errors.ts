import { StoreError } from '../../store/port.ts'
import { CallFailure } from '../context.ts'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { CallError } from '../protocol/index.ts'
import { LogFailure } from '../record.ts'
import { createSparingLog } from '../sparing-log.ts'
import { Overload } from './overload.ts'

/** HTTP status of each error code. */
export const statusOf = {
  'bad-request': 400,
  unauthenticated: 401,
  'not-found': 404,
  'session-ended': 410,
  conflict: 409,
  'store-busy': 503,
  'store-full': 507,
  'log-unavailable': 503,
  internal: 500,
} as const satisfies Record<CallError['code'], number>

const sparingly = createSparingLog({ write: log })

/** What a failed call answers; whatever is not expected becomes `internal` and a line in the log. */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallFailure) return { code: error.code, message: error.message }
  if (error instanceof Overload) return { code: 'store-busy', message: error.message }
  if (error instanceof LogFailure) {
    sparingly('error', 'log-unavailable', describeError(error.cause))
    return { code: 'log-unavailable', message: error.message }
  }
  if (error instanceof StoreError) {
    sparingly('error', 'store-failed', { code: error.code })
    return fromStore(error)
  }
  sparingly('error', 'call-failed', describeError(error))
  return { code: 'internal', message: 'The authority failed; its log names the place.' }
}

function fromStore(error: StoreError): CallError {
  const message = `${error.message} ${error.advice}`
  switch (error.code) {
    case 'busy':
    case 'unreachable':
    case 'unconfirmed':
      return { code: 'store-busy', message }
    case 'full':
      return { code: 'store-full', message }
    default:
      // Nothing can be recorded in such a store, so nobody can be signed in.
      return { code: 'log-unavailable', message }
  }
}
