import { z } from 'zod'

/** Why a call failed as a whole; `message` is for the log, the shell words its own sentence. */
export const callErrorSchema = z.strictObject({
  code: z.enum([
    'bad-request',
    'unauthenticated',
    'not-found',
    'session-ended',
    'conflict',
    'store-busy',
    'store-full',
    'log-unavailable',
    'internal',
  ]),
  message: z.string(),
})
export type CallError = z.infer<typeof callErrorSchema>

/** At the agent: as the authority said, or that it said nothing. */
export class AuthorityError extends Error {
  readonly code: CallError['code'] | 'unreachable' | 'timeout'
  constructor(code: AuthorityError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuthorityError'
    this.code = code
  }
}
