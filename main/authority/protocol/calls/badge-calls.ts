import { z } from 'zod'
import { enrolmentRefusalSchema } from '../../../badge/enrolment-refusal.ts'
import { refused, tapId, ceremonyId, empty } from './common.ts'
import { badgeViewSchema, credentialResponseSchema, sessionIdSchema, timeSchema } from '../views.ts'

/** One’s own badges, and notices about them; the test page for readers. */
export const badgeCalls = {
  /** One's own badges (R9, R10); those that were detached are not among them. */
  'badges.list': {
    request: z.strictObject({ sessionId: sessionIdSchema }),
    response: z.strictObject({ badges: z.array(badgeViewSchema) }),
  },
  /**
   * Begin to add a badge to one's own account: the first of two taps of it. An identity that is
   * somebody else's is refused, and its owner is told; theirs stays as it is.
   */
  'badge.begin': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      tapId,
      /** Canonical identity (main/badge). */
      badge: z.string().max(256),
      /** What the reader knows of it, beyond what its identity says. */
      refusedAtEnrolment: enrolmentRefusalSchema.nullable(),
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('tap-again'),
        enrolmentId: z.string(),
        expiresAt: timeSchema,
      }),
      z.strictObject({
        outcome: z.literal('refused'),
        /** `emergency`: the session is an identity fallback, which cannot add credentials. */
        reason: z.enum(['unfit', 'taken', 'yours', 'emergency']),
      }),
    ]),
  },
  /** The second tap: a separate one, and it must agree with the first. */
  'badge.confirm': {
    request: z.strictObject({ enrolmentId: z.string(), tapId, badge: z.string().max(256) }),
    response: z.discriminatedUnion('outcome', [
      /** `loanerOnly`: this card is of the stock of loaners and cannot become somebody's own. */
      z.strictObject({ outcome: z.literal('agreed'), loanerOnly: z.boolean() }),
      z.strictObject({ outcome: z.literal('refused'), reason: z.enum(['differs', 'expired']) }),
    ]),
  },
  /** The badge becomes the person's, with a passkey (ceremony of purpose `badge`). */
  'badge.assign': {
    request: z.strictObject({
      enrolmentId: z.string(),
      name: z.string().trim().min(1).max(40),
      /** A loaner ends with the shift: after `badge.loanerLife`, or with the roster. */
      kind: z.enum(['permanent', 'loaner']),
      /** Card that this one replaces: it is detached in the same step. */
      replaces: z.string().nullable(),
      /** Card of which this is the second chip. */
      sameCard: z.string().nullable(),
      ceremonyId,
      response: credentialResponseSchema,
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('assigned'), badge: badgeViewSchema }),
      refused,
      z.strictObject({
        outcome: z.literal('not-assigned'),
        reason: z.enum(['expired', 'taken', 'loaner-only', 'not-found']),
      }),
    ]),
  },
  /** One's own card is lost: none of its identities signs anybody in from now on. */
  'badge.lost': {
    request: z.strictObject({ sessionId: sessionIdSchema, cardId: z.string() }),
    response: empty,
  },
  /** The lost card was found again; needs a passkey (ceremony of purpose `badge`). */
  'badge.found': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      cardId: z.string(),
      ceremonyId,
      response: credentialResponseSchema,
    }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('found') }),
      refused,
      z.strictObject({ outcome: z.literal('not-lost') }),
    ]),
  },
  /** One's own card is no badge any more, with all of its identities (R9: one action). */
  'badge.detach': {
    request: z.strictObject({ sessionId: sessionIdSchema, cardId: z.string() }),
    response: empty,
  },
  /** The answer to a notice. `disputed`: it was not me; what it tells of is undone and recorded. */
  'notice.answer': {
    request: z.strictObject({
      sessionId: sessionIdSchema,
      noticeId: z.string(),
      answer: z.enum(['seen', 'disputed']),
    }),
    response: empty,
  },
  /** An operator (IT engineer) opens the test page, or asks it for digits; both are recorded. */
  'readers.open': {
    request: z.strictObject({ sessionId: sessionIdSchema, reveal: z.boolean() }),
    response: z.strictObject({ outcome: z.enum(['allowed', 'not-an-operator']) }),
  },
  /** What an operator's test tap is to the authority; not whose it is. Recorded. */
  'readers.test': {
    request: z.strictObject({ sessionId: sessionIdSchema, badge: z.string().max(256) }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('tested'),
        tag: z.string(),
        status: z.enum(['unknown', 'active', 'loaner', 'lost', 'detached', 'conflicting', 'ended']),
      }),
      z.strictObject({ outcome: z.literal('not-an-operator') }),
    ]),
  },
} as const
