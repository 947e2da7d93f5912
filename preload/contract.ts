import * as z from 'zod/mini'
import {
  localeSchema,
  themeSchema,
  ceremonyFailureSchema,
  enrolmentFailureSchema,
  fallbackReasonSchema,
  overrideReasonSchema,
  verdictSchema,
} from './choices.ts'
import type { Snapshot } from './shown/snapshot.ts'

/*
 * Everything that crosses between the shell page and main. Main parses each request with its
 * schema, accepts it from the main frame of the shell only, and answers in an envelope, because
 * Electron drops everything of an error but its message.
 */

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max))
const id = text(64)
const note = z.string().check(z.trim(), z.minLength(10), z.maxLength(500))
/** A credential as `@simplewebauthn/browser` returns it; the authority checks it in depth. */
const credential = z.looseObject({
  id: text(2048),
  rawId: text(2048),
  type: z.literal('public-key'),
  response: z.record(z.string(), z.unknown()),
})
const nothing = z.strictObject({})

/**
 * The calls of the shell. The answer to each is only "accepted" or a coded refusal: what it changed
 * arrives as the next snapshot, so there is one source of truth.
 */
export const calls = {
  /** The page is up and subscribed: main answers with a first snapshot on the subscription. */
  'shell.ready': nothing,
  /** The snapshot of this version is on the glass (second animation frame after commit). */
  'shell.painted': z.strictObject({ version: z.int() }),
  /** Keyboard, pointer or touch was used in the shell; sent at most once a second. */
  'shell.activity': nothing,
  /** For the benchmark's floor and the self-test: does nothing. */
  'shell.ping': nothing,
  'shell.setLocale': z.strictObject({ locale: localeSchema }),
  'shell.setTheme': z.strictObject({ theme: themeSchema }),

  /** Lock screen: usernameless ceremony. */
  'signIn.withoutBadge': nothing,
  /** Start the same ceremony anew after a failure. */
  'signIn.retry': nothing,
  /** "Not you?", Esc: back to what was there before. */
  'signIn.cancel': nothing,
  /** The outcome of the ceremony in the snapshot, whatever its purpose. */
  'passkey.assert': z.strictObject({ ceremonyId: id, response: credential }),
  'passkey.fail': z.strictObject({ ceremonyId: id, reason: ceremonyFailureSchema }),

  /** Lock now: shield down, session and work kept. */
  'seat.lock': nothing,
  /** Answer to the countdown or to "Lock now?": go on. */
  'seat.stay': nothing,
  'seat.signOut': nothing,
  /** Close a panel or dismiss a notice. */
  'seat.back': nothing,
  'application.focus': z.strictObject({ application: id }),
  'application.reload': z.strictObject({ application: id }),

  /** Lock or verify screen: "I lost my key". Asks for a tap first when nobody is identified. */
  'fallback.open': nothing,
  'fallback.submit': z.strictObject({ reason: fallbackReasonSchema, note }),
  'fallback.decline': nothing,

  /** In one's own session: break the glass for one patient. The ceremony follows in the snapshot. */
  'override.open': nothing,
  'override.submit': z.strictObject({
    patient: z.string().check(z.regex(/^[A-Za-z0-9.-]{1,64}$/)),
    reason: overrideReasonSchema,
    note,
  }),
  'override.end': nothing,

  'passkeys.open': nothing,
  'passkeys.revoke': z.strictObject({ passkeyId: id }),
  /** From the lock or verify screen with a code of IT, or with `null` in one's own session. */
  'enrolment.open': nothing,
  'enrolment.begin': z.strictObject({ code: z.nullable(text(64)) }),
  'enrolment.finish': z.strictObject({
    enrolmentId: id,
    response: credential,
    name: z.string().check(z.trim(), z.minLength(1), z.maxLength(60)),
  }),
  'enrolment.fail': z.strictObject({ enrolmentId: id, reason: enrolmentFailureSchema }),

  'badges.open': nothing,
  /** Add a badge: the next two taps are of it. The one just refused counts as the first. */
  'badges.add': z.strictObject({
    /** The card of which it is the second chip. */
    sameCard: z.nullable(id),
  }),
  /** After two taps that agree; the passkey ceremony follows in the snapshot. */
  'badges.assign': z.strictObject({
    name: z.string().check(z.trim(), z.minLength(1), z.maxLength(40)),
    kind: z.enum(['permanent', 'loaner']),
    replaces: z.nullable(id),
  }),
  'badges.lost': z.strictObject({ cardId: id }),
  /** The passkey ceremony follows in the snapshot. */
  'badges.found': z.strictObject({ cardId: id }),
  'badges.detach': z.strictObject({ cardId: id }),
  'notice.answer': z.strictObject({ noticeId: id, answer: z.enum(['seen', 'disputed']) }),

  /** An IT engineer's test page for readers: while it is open, taps are explained, not obeyed. */
  'readers.open': nothing,
  'readers.reveal': z.strictObject({ reveal: z.boolean() }),

  'reviews.open': nothing,
  'reviews.decide': z.strictObject({ caseId: id, verdict: verdictSchema, note }),
} as const
export type Calls = typeof calls
export type CallName = keyof Calls
export type CallInput<C extends CallName> = z.input<Calls[C]>

/** Refusals that the shell can meet; it words them from its catalogue. */
export const refusalCodes = [
  'bad-request',
  'wrong-sender',
  'not-now',
  'offline',
  'log-unavailable',
  'internal',
] as const
export type RefusalCode = (typeof refusalCodes)[number]
export type Envelope = { readonly ok: true } | { readonly ok: false; readonly code: RefusalCode }

/**
 * IPC channels; one for all calls keeps the surface to check at one place:
 * `invoke(channels.call, name, input)` answers an `Envelope`, `send(channels.snapshot, snapshot)`.
 */
export const channels = { call: 'lanyard:call', snapshot: 'lanyard:snapshot' } as const

/** `window.lanyard`, frozen, in the shell page only. */
export interface LanyardBridge {
  call<C extends CallName>(name: C, input: CallInput<C>): Promise<Envelope>
  /** Returns the unsubscribe. */
  onSnapshot(listener: (snapshot: Snapshot) => void): () => void
}
