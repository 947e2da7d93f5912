import { z } from 'zod'
import { empty } from './common.ts'
import {
  credentialResponseSchema,
  incomingPersonSchema,
  passkeyViewSchema,
  sessionIdSchema,
} from '../views.ts'

/** One’s own passkeys. */
export const passkeyCalls = {
  /** Begin a passkey: either with a single-use enrolment code from IT, or in one's own session. */
  'enrolment.begin': {
    request: z.strictObject({
      code: z.string().max(64).nullable(),
      sessionId: sessionIdSchema.nullable(),
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('begun'),
        enrolmentId: z.string(),
        person: incomingPersonSchema,
        options: z.looseObject({ challenge: z.string() }),
      }),
      z.strictObject({
        outcome: z.literal('refused'),
        reason: z.enum(['code-invalid', 'verify-again', 'locked-out']),
      }),
    ]),
  },
  'enrolment.finish': {
    request: z.strictObject({
      enrolmentId: z.string(),
      response: credentialResponseSchema,
      name: z.string().trim().min(1).max(60),
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('enrolled'), passkey: passkeyViewSchema }),
      z.strictObject({
        outcome: z.literal('refused'),
        reason: z.enum(['expired', 'invalid', 'not-verified', 'already-enrolled']),
      }),
    ]),
  },
  'passkeys.list': {
    request: z.strictObject({ sessionId: sessionIdSchema }),
    response: z.strictObject({ passkeys: z.array(passkeyViewSchema) }),
  },
  /** Revoking one's last passkey is allowed; it ends no session but the next sign-in needs help. */
  'passkeys.revoke': {
    request: z.strictObject({ sessionId: sessionIdSchema, passkeyId: z.string() }),
    response: empty,
  },
} as const
