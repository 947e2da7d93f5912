import { z } from 'zod'
import { refused, signedIn, tapId, ceremonyId, empty } from './common.ts'
import { endReasonSchema } from '../reasons.ts'
import {
  applicationIdSchema,
  ceremonySchema,
  credentialResponseSchema,
  incomingPersonSchema,
  personIdSchema,
  sessionIdSchema,
  sessionViewSchema,
  timeSchema,
} from '../views.ts'

/** Taps, ceremonies, sessions and what is opened in them. */
export const sessionCalls = {
  /**
   * Resolve a badge (canonical identity, main/badge). Unknown, revoked and conflicting badges
   * answer alike: `refused`, with the detail in the record only.
   */
  'tap.identify': {
    request: z.strictObject({
      tapId,
      badge: z.string().max(256),
      reader: z.string().max(256),
      purpose: z.enum(['sign-in', 'witness']),
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('refused') }),
      z.strictObject({
        outcome: z.literal('identified'),
        person: incomingPersonSchema,
        /** The person's live session at this workstation, if any. */
        session: sessionViewSchema.nullable(),
        /**
         * The person is active at another workstation; where is told after verification. `tapEnough`:
         * policy lets this tap alone take it over (`session.take`).
         */
        elsewhere: z.strictObject({ tapEnough: z.boolean() }).nullable(),
        /** False when the person has no usable passkey: offer enrolment code or emergency access. */
        passkey: z.boolean(),
        ceremony: ceremonySchema,
      }),
    ]),
  },
  /** Options for a ceremony without a badge (usernameless), or anew after a failure. */
  'passkey.challenge': {
    request: z.strictObject({
      purpose: z.enum(['sign-in', 'witness', 'override', 'enrol', 'badge']),
      personId: personIdSchema.nullable(),
    }),
    response: ceremonySchema,
  },
  /** Sign in, or verify anew in the live session of this person at this workstation. */
  'session.start': {
    request: z.strictObject({ ceremonyId, response: credentialResponseSchema }),
    response: z.discriminatedUnion('outcome', [signedIn, refused]),
  },
  /** A tap of the owner within the grace time: lifts the shield, raises no assurance. */
  'session.resume': {
    request: z.strictObject({ sessionId: sessionIdSchema, tapId }),
    response: z.discriminatedUnion('outcome', [signedIn, refused]),
  },
  /** Take one's session over from another workstation by a tap, within `roaming.tapGrace`. */
  'session.take': {
    request: z.strictObject({ tapId }),
    response: z.discriminatedUnion('outcome', [signedIn, refused]),
  },
  'session.shield': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      /** `colleague`: somebody else's tap secured an open seat (R4); whose, says `by`. */
      reason: z.enum(['inactivity', 'lock', 'switch', 'fault', 'colleague']),
      by: tapId.nullable().default(null),
    }),
    response: empty,
  },
  /** The seat that a session left is covered: nothing of it can be seen or used there any more. */
  'session.secured': {
    request: z.strictObject({ sessionId: sessionIdSchema }),
    response: empty,
  },
  'session.activity': {
    request: z.strictObject({ sessionId: sessionIdSchema }),
    response: z.strictObject({ inactiveAt: timeSchema }),
  },
  'session.end': {
    request: z.strictObject({ sessionId: sessionIdSchema, reason: endReasonSchema }),
    response: empty,
  },
  /** The partition slot of an ended session was cleared and the clearing was checked. */
  'session.cleared': {
    request: z.strictObject({ sessionId: sessionIdSchema, verified: z.boolean() }),
    response: empty,
  },
  /** A one-time launch handle for one application; the view opens `url`, once, within `expiresAt`. */
  'launch.create': {
    request: z.strictObject({ sessionId: sessionIdSchema, application: applicationIdSchema }),
    response: z.strictObject({ url: z.string(), expiresAt: timeSchema }),
  },
} as const
