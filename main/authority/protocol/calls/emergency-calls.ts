import { z } from 'zod'
import { refused, signedIn, tapId, ceremonyId, empty } from './common.ts'
import {
  credentialResponseSchema,
  emergencyReasonSchema,
  incomingPersonSchema,
  noteSchema,
  overrideReasonSchema,
  overrideViewSchema,
  patientIdSchema,
  reviewCaseSchema,
  sessionIdSchema,
  timeSchema,
  verdictSchema,
} from '../views.ts'

/** Emergency access, breaking the glass, and their review. */
export const emergencyCalls = {
  /** Identity fallback (R19): the person of `tapId` asks; nothing is granted yet. */
  'fallback.request': {
    request: z.strictObject({ tapId, reason: emergencyReasonSchema, note: noteSchema }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('requested'),
        requestId: z.string(),
        person: incomingPersonSchema,
        expiresAt: timeSchema,
      }),
      z.strictObject({ outcome: z.literal('refused'), reason: z.enum(['expired', 'quota']) }),
    ]),
  },
  /** The witness's passkey (ceremony of purpose `witness`) approves; a witness is never the actor. */
  'fallback.approve': {
    request: z.strictObject({
      requestId: z.string(),
      ceremonyId,
      response: credentialResponseSchema,
    }),
    response: z.discriminatedUnion('outcome', [
      signedIn,
      refused,
      z.strictObject({ outcome: z.literal('same-person') }),
    ]),
  },
  'fallback.decline': {
    request: z.strictObject({ requestId: z.string() }),
    response: empty,
  },
  /** Break the glass (R19) in one's own session, for one patient; needs a fresh passkey. */
  'override.start': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      patient: patientIdSchema,
      reason: overrideReasonSchema,
      note: noteSchema,
      ceremonyId,
      response: credentialResponseSchema,
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('granted'), override: overrideViewSchema }),
      refused,
      z.strictObject({ outcome: z.literal('quota') }),
    ]),
  },
  'override.end': {
    request: z.strictObject({ sessionId: sessionIdSchema, overrideId: z.string() }),
    response: empty,
  },
  /** Open and recent cases; only for a reviewer's session, and itself recorded. */
  'review.list': {
    request: z.strictObject({ sessionId: sessionIdSchema }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('listed'), cases: z.array(reviewCaseSchema) }),
      z.strictObject({ outcome: z.literal('not-a-reviewer') }),
    ]),
  },
  'review.decide': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      caseId: z.string(),
      verdict: verdictSchema,
      note: noteSchema,
    }),
    response: z.strictObject({
      outcome: z.enum(['decided', 'not-a-reviewer', 'own-case', 'already-decided']),
    }),
  },
} as const
