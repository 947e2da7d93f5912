import { z } from 'zod'
import { enrolmentRefusalSchema } from '../../badge/enrolment-refusal.ts'
import { journalFaultSchema } from './journal.ts'
import {
  applicationIdSchema,
  applicationViewSchema,
  badgeViewSchema,
  ceremonySchema,
  credentialResponseSchema,
  emergencyReasonSchema,
  incomingPersonSchema,
  noteSchema,
  overrideReasonSchema,
  overrideViewSchema,
  passkeyViewSchema,
  patientIdSchema,
  personIdSchema,
  reviewCaseSchema,
  sessionIdSchema,
  sessionViewSchema,
  timeSchema,
  verdictSchema,
} from './views.ts'

/** Why a proof was refused. The screen tells some of them apart; the record tells all. */
export const refusalSchema = z.enum([
  'wrong-person',
  'unknown-passkey',
  'revoked',
  'not-verified',
  'expired',
  'locked-out',
  'invalid',
])
export type Refusal = z.infer<typeof refusalSchema>

export const endReasonSchema = z.enum([
  'sign-out',
  'inactivity',
  'session-limit',
  'emergency-over',
  /** It goes on at another workstation; see `moved` of the event. */
  'moved',
  /** Emergency access of the same person began at the same seat. */
  'replaced',
  'revoked',
  'agent-restart',
  /** The directory says that the person works here no more. */
  'person-disabled',
  /** IT took the workstation out of service. */
  'workstation-disabled',
  /** Begun while the authority could not be reached, and not to be gone on with. */
  'offline-conflict',
])
export type EndReason = z.infer<typeof endReasonSchema>

const refused = z.strictObject({ outcome: z.literal('refused'), reason: refusalSchema })
/** Where and when a session was or went, by the name of the workstation. */
const elsewhereSchema = z.strictObject({ where: z.string(), at: timeSchema })
const signedIn = z.strictObject({
  outcome: z.literal('signed-in'),
  session: sessionViewSchema,
  /** The session was live there and goes on here (R3); told only after the person was verified. */
  movedFrom: elsewhereSchema.nullable(),
})
const tapId = z.string().min(1).max(64)
const ceremonyId = z.string().min(1).max(64)
const empty = z.strictObject({})

/**
 * Every call an agent can make, over the WebSocket (`{id, call, params}`) or as
 * `POST /agent/v1/<call>`. The agent is authenticated before; which workstation it is comes from
 * that, never from a parameter. Each successful call that changes something has written its audit
 * record in the same transaction before it answers.
 */
export const procedures = {
  /** First call on a connection; also after a reconnect, to reconcile. */
  'agent.hello': {
    request: z.strictObject({
      protocol: z.literal(1),
      afterSeq: z.number().int().nonnegative(),
      /** Random, new with every start of the agent's process: tells a reconnect from a clone. */
      instance: z.string().max(64).default(''),
    }),
    response: z.strictObject({
      now: timeSchema,
      rpId: z.string(),
      origin: z.string(),
      seq: z.number().int().nonnegative(),
      sessions: z.array(sessionViewSchema),
      applications: z.array(applicationViewSchema),
      /** Settings of the hospital for its agents; a machine's own policy goes over them. */
      policy: z.record(z.string(), z.unknown()),
      /** Answered by the workstation itself, from its bundle: since when, until when, for how many. */
      offline: z
        .strictObject({ since: timeSchema, until: timeSchema, people: z.number().int() })
        .nullable(),
    }),
  },
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
  /** The agent's next key (RFC 7517), with a JWS by it over this request; the old one stays a while. */
  'machine.rotate': {
    request: z.strictObject({ proof: z.string().max(4096) }),
    response: z.strictObject({ keyId: z.string(), rotateAt: timeSchema }),
  },
  /** What lets this workstation verify people while nobody answers (docs/offline.md). */
  'offline.bundle': {
    request: z.strictObject({ have: z.string().max(64).nullable() }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('unchanged'), expiresAt: timeSchema }),
      z.strictObject({
        outcome: z.literal('bundle'),
        /** Compact JWS (RFC 7515) of `bundleSchema` by the authority's bundle key. */
        bundle: z.string(),
        /** Key of the badge tags in it, hex; of this workstation alone, and never on a disk in clear. */
        deviceKey: z.string().regex(/^[0-9a-f]{64}$/),
      }),
      z.strictObject({ outcome: z.literal('off') }),
    ]),
  },
  /** Records of the time without the authority, in their order; sent again, they change nothing. */
  'offline.reconcile': {
    request: z.strictObject({
      /** Of the journal; a new one begins with every time offline. */
      journalId: z.string().min(1).max(64),
      entries: z.array(z.string().max(8192)).max(64),
      /** No more entries follow. */
      last: z.boolean(),
      /** What the workstation found when it read its journal, from which entry on. */
      damage: z
        .strictObject({ fault: journalFaultSchema, index: z.number().int().nonnegative() })
        .nullable()
        .default(null),
    }),
    response: z.strictObject({
      /** Entries of the journal that are durable here, from the first without a gap. */
      accepted: z.number().int().nonnegative(),
      /** Why no more is taken from it, for good. */
      refused: journalFaultSchema.nullable(),
      /** With `last`: what became of sessions that were begun or changed offline. */
      sessions: z.array(
        z.strictObject({
          sessionId: sessionIdSchema,
          outcome: z.enum(['adopted', 'ended']),
          reason: endReasonSchema.nullable(),
        }),
      ),
    }),
  },
  /** What only the workstation can see; the names are an allow-list, the detail holds no person. */
  'workstation.report': {
    request: z.strictObject({
      event: z.enum([
        'agent-started',
        'agent-stopping',
        'reader-ready',
        'reader-missing',
        'reader-silent',
        'reader-babbling',
        'reader-failing',
        'two-badges',
        'clock-jumped',
        'navigation-refused',
        'permission-refused',
        'view-crashed',
        'tap-timed',
      ]),
      detail: z.record(z.string(), z.union([z.string().max(200), z.number(), z.boolean()])),
    }),
    response: empty,
  },
} as const

export type Procedures = typeof procedures
export type Call = keyof Procedures
export type Request<C extends Call> = z.input<Procedures[C]['request']>
export type Response<C extends Call> = z.output<Procedures[C]['response']>

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

/** What the authority tells an agent unasked. `seq` rises by one per agent; gaps mean: say hello. */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('session.ended'),
    sessionId: sessionIdSchema,
    reason: endReasonSchema,
    /** With reason `moved`: where it goes on. */
    moved: elsewhereSchema.nullable(),
  }),
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('session.changed'),
    session: sessionViewSchema,
  }),
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('override.ended'),
    sessionId: sessionIdSchema,
    overrideId: z.string(),
  }),
  /** IT took this workstation out of service; its connection closes after this. */
  z.strictObject({ seq: z.number().int(), type: z.literal('workstation.disabled') }),
  /** Two machines use the key of this workstation at the same time. */
  z.strictObject({ seq: z.number().int(), type: z.literal('workstation.cloned'), at: timeSchema }),
  /** The hospital's settings for its agents, whole. */
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('policy.changed'),
    policy: z.record(z.string(), z.unknown()),
  }),
])
export type AuthorityEvent = z.infer<typeof eventSchema>

/** Frames on the agent's socket `GET /agent/v1/socket`. */
export const requestFrameSchema = z.strictObject({
  id: z.number().int().nonnegative(),
  call: z.enum(Object.keys(procedures) as [Call, ...Call[]]),
  params: z.unknown(),
})
export const responseFrameSchema = z.union([
  z.strictObject({ id: z.number().int(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ id: z.number().int(), ok: z.literal(false), error: callErrorSchema }),
  z.strictObject({ event: eventSchema }),
])

/** The agent's side of the contract, whatever carries it. Rejects with an `AuthorityError`. */
export interface AuthorityClient {
  call<C extends Call>(call: C, params: Request<C>): Promise<Response<C>>
  onEvent(listener: (event: AuthorityEvent) => void): () => void
  /** `online` after a successful hello; `offline` when the socket is gone, with reconnect running. */
  onConnection(
    listener: (state: 'online' | 'offline', hello?: Response<'agent.hello'>) => void,
  ): () => void
  dispose(): Promise<void>
}

export class AuthorityError extends Error {
  readonly code: CallError['code'] | 'unreachable' | 'timeout'
  constructor(code: AuthorityError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuthorityError'
    this.code = code
  }
}
