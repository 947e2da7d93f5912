import * as z from 'zod/mini'

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

export const localeSchema = z.enum(['en', 'de'])
export type Locale = z.infer<typeof localeSchema>
export const themeSchema = z.enum(['light', 'night'])
export type Theme = z.infer<typeof themeSchema>

/** Why a ceremony ended in the page without an assertion. */
export const ceremonyFailureSchema = z.enum(['cancelled', 'timed-out', 'no-passkey', 'unsupported'])
/** As above, and: this authenticator already holds a passkey of the person. */
export const enrolmentFailureSchema = z.enum([
  'cancelled',
  'timed-out',
  'no-passkey',
  'unsupported',
  'already-enrolled',
])
export type CeremonyFailure = z.infer<typeof ceremonyFailureSchema>
export type EnrolmentFailure = z.infer<typeof enrolmentFailureSchema>
export const fallbackReasonSchema = z.enum([
  'key-lost',
  'key-broken',
  'passkey-locked',
  'new-staff',
  'other',
])
export const overrideReasonSchema = z.enum([
  'emergency-treatment',
  'cross-cover',
  'transfer',
  'incident-response',
  'other',
])
export const verdictSchema = z.enum(['genuine', 'drill', 'training-need', 'misuse'])
export type FallbackReason = z.infer<typeof fallbackReasonSchema>
export type OverrideReason = z.infer<typeof overrideReasonSchema>
export type Verdict = z.infer<typeof verdictSchema>

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

// ---------------------------------------------------------------------------------------------
// What the shell shows. Main is trusted here, so these are types, not schemas. Times are in
// milliseconds of this machine's wall clock (`Date.now()`), ready for a countdown.

export interface Snapshot {
  readonly version: number
  readonly workstation: {
    readonly name: string
    readonly place: string
    /** Two machines use its key; IT has to enrol it anew. */
    readonly copied?: boolean
  }
  readonly locale: Locale
  readonly theme: Theme
  readonly now: number
  readonly authority: {
    readonly state: 'starting' | 'online' | 'offline' | 'failed'
    readonly since: number
    /** The network is down, and this workstation answers by itself: until when people can sign in. */
    readonly alone?: {
      readonly since: number
      readonly until: number
      /** That time has passed: emergency access only. */
      readonly over: boolean
    } | null
  }
  readonly reader: ReaderStatus
  readonly screen: Screen
}

export type ReaderStatus =
  | 'starting'
  | 'ready'
  | 'missing'
  | 'unplugged'
  | 'silent'
  | 'babbling'
  | 'driver-missing'
  | 'permission-denied'

/** A person before verification: the short form that policy allows. */
export interface Incoming {
  readonly label: string
  readonly initials: string
}

/** A person after verification. */
export interface Person extends Incoming {
  readonly displayName: string
  readonly role: 'nurse' | 'physician' | 'charge-nurse' | 'privacy-officer' | 'it-engineer'
  /** 0 to 359: colour of the person's mark; changes on a switch. */
  readonly hue: number
}

export interface Ceremony {
  readonly ceremonyId: string
  /** PublicKeyCredentialRequestOptionsJSON or ...CreationOptionsJSON, for `@simplewebauthn/browser`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly expiresAt: number
  /** Start without a further click (policy; the tap was the gesture). */
  readonly autoStart: boolean
}

export type Proof =
  /** Asking the authority for a challenge. */
  | { readonly step: 'preparing' }
  | { readonly step: 'waiting'; readonly ceremony: Ceremony }
  | { readonly step: 'checking' }
  | { readonly step: 'failed'; readonly failure: ProofFailure }

export type ProofFailure =
  | 'cancelled'
  | 'timed-out'
  | 'no-passkey'
  | 'unsupported'
  | 'wrong-person'
  | 'revoked'
  | 'not-verified'
  | 'locked-out'
  | 'refused'
  | 'offline'
  | 'log-unavailable'

/** Why the lock screen shows a line of news. It names no person unless policy's short form. */
export type Notice =
  | { readonly code: 'badge-refused' }
  /** The same while the workstation answers by itself: it knows fewer badges. */
  | { readonly code: 'badge-refused-offline' }
  | { readonly code: 'two-badges' }
  | { readonly code: 'too-many-badges' }
  | { readonly code: 'signed-out' }
  | {
      readonly code: 'session-over'
      readonly reason:
        | 'inactivity'
        | 'session-limit'
        | 'emergency-over'
        | 'revoked'
        | 'moved'
        | 'person-disabled'
        | 'workstation-disabled'
        | 'offline-conflict'
    }
  /** The session continues at this workstation since then. */
  | { readonly code: 'moved'; readonly where: string; readonly at: number }
  | { readonly code: 'seat-full' }
  | { readonly code: 'offline' }
  | { readonly code: 'log-unavailable' }
  | { readonly code: 'declined' }
  | { readonly code: 'took-too-long' }
  | { readonly code: 'try-again' }

export interface SessionShown {
  readonly person: Person
  readonly kind: 'standard' | 'fallback'
  readonly aal: 0 | 1 | 2
  readonly verifiedAt: number
  /** Hard end of the session. */
  readonly endsAt: number
  /** A tap alone lifts the shield until then. */
  readonly tapGraceUntil: number
  readonly scope: 'full' | 'reduced'
  readonly witness: string | null
  readonly override: { readonly patient: string; readonly endsAt: number } | null
  readonly mayReview: boolean
  /** May open the test page for readers. */
  readonly mayTestReaders: boolean
  /** News about one's own badges and passkeys, unanswered, the newest first. */
  readonly notices: readonly NoticeShown[]
}

export interface NoticeShown {
  readonly noticeId: string
  readonly kind:
    | 'badge-added'
    | 'badge-detached'
    | 'lost-badge-used'
    | 'badge-claimed'
    | 'badge-travelled'
    | 'passkey-added'
    | 'passkey-removed'
    | 'seat-unsecured'
    | 'seat-secured'
  readonly at: number
  readonly where: string
}

/** A card of one's own; its second chip, if any, is part of it. */
export interface BadgeShown {
  readonly cardId: string
  readonly name: string
  readonly kind: 'permanent' | 'loaner'
  readonly status: 'active' | 'lost' | 'conflicting'
  /** One line per identity: `WIEGAND H10301`. */
  readonly technologies: readonly string[]
  readonly assignedAt: number
  readonly endsAt: number | null
  readonly lastSeenAt: number | null
  readonly lastSeenWhere: string | null
}

export type BadgeEnrolmentShown =
  | { readonly step: 'first-tap' }
  | { readonly step: 'second-tap'; readonly until: number }
  /** A tap is being asked about. */
  | { readonly step: 'checking' }
  | {
      readonly step: 'form'
      readonly loanerOnly: boolean
      /** It is the second chip of this card: neither name nor kind is asked for. */
      readonly sameCard: string | null
      /** Cards that it may replace. */
      readonly replaceable: readonly BadgeShown[]
    }
  | { readonly step: 'proof'; readonly proof: Proof }
  | { readonly step: 'done'; readonly kind: 'permanent' | 'loaner'; readonly endsAt: number | null }
  | {
      readonly step: 'failed'
      readonly failure:
        | 'unfit'
        | 'taken'
        | 'yours'
        | 'emergency'
        | 'differs'
        | 'expired'
        | 'loaner-only'
        | 'not-found'
        | 'two-badges'
        | 'offline'
        | 'log-unavailable'
    }

export interface ReaderShown {
  readonly reader: string
  readonly model: string
  readonly status: ReaderStatus
  /** What to do next; empty when nothing. English, for the engineer. */
  readonly detail: string
}

/** The last tap on the test page, step by step (main/badge/inspection.ts). */
export interface InspectionShown {
  readonly model: string
  readonly at: number
  readonly raw: string
  readonly transforms: readonly string[]
  readonly candidates: readonly {
    readonly format: string
    readonly facility: string
    readonly number: string
    readonly parity: boolean
  }[]
  readonly profile: string
  readonly result:
    | {
        readonly outcome: 'badge'
        readonly identity: string
        readonly refusedAtEnrolment: 'random' | 'pupi' | 'anticollision' | null
      }
    | {
        readonly outcome: 'no-badge'
        readonly reason:
          | 'degenerate'
          | 'parity'
          | 'parity-stripped'
          | 'layout'
          | 'length'
          | 'incomplete'
          | 'checksum'
          | 'unreadable'
          | 'no-profile'
      }
  /** What it is to the authority; null while it is being asked, or where there is no badge. */
  readonly known: {
    readonly tag: string
    readonly status: 'unknown' | 'active' | 'loaner' | 'lost' | 'detached' | 'conflicting' | 'ended'
  } | null
}

export interface ApplicationShown {
  readonly id: string
  readonly name: string
  readonly kind: 'ehr' | 'imaging' | 'other'
  readonly state: 'opening' | 'ready' | 'failed'
  readonly focused: boolean
}

export interface PasskeyShown {
  readonly passkeyId: string
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly synced: boolean
}

export interface ReviewShown {
  readonly caseId: string
  readonly kind: 'fallback' | 'override'
  readonly actor: string
  readonly witness: string | null
  readonly workstation: string
  readonly patient: string | null
  readonly reason: string
  readonly note: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly dueAt: number
  readonly escalatesAt: number
  readonly verdict: Verdict | null
  readonly reviewer: string | null
}

/** A panel over one's own workspace; the applications are hidden while one is open. */
export type Panel =
  | { readonly name: 'override'; readonly proof: Proof | null; readonly refusal: 'quota' | null }
  | { readonly name: 'passkeys'; readonly passkeys: readonly PasskeyShown[] | null }
  | { readonly name: 'enrolment'; readonly enrolment: EnrolmentShown }
  | {
      readonly name: 'badges'
      readonly badges: readonly BadgeShown[] | null
      /** A lost card is being found again. */
      readonly proof: Proof | null
      readonly failure: 'offline' | 'log-unavailable' | null
    }
  | { readonly name: 'badge-enrolment'; readonly enrolment: BadgeEnrolmentShown }
  | {
      readonly name: 'readers'
      readonly readers: readonly ReaderShown[]
      readonly reveal: boolean
      /** The newest first, five at most. */
      readonly inspections: readonly InspectionShown[]
      readonly failure: 'not-an-operator' | 'offline' | 'log-unavailable' | null
    }
  | {
      readonly name: 'reviews'
      readonly cases: readonly ReviewShown[] | null
      readonly failure: 'not-a-reviewer' | 'own-case' | 'already-decided' | null
    }

export type EnrolmentShown =
  | { readonly step: 'code'; readonly failure: 'code-invalid' | 'locked-out' | null }
  | { readonly step: 'preparing' }
  | {
      readonly step: 'waiting'
      readonly enrolmentId: string
      readonly person: Incoming
      readonly options: Readonly<Record<string, unknown>>
    }
  | { readonly step: 'saving' }
  | { readonly step: 'done'; readonly name: string }
  | {
      readonly step: 'failed'
      readonly failure:
        | 'cancelled'
        | 'timed-out'
        | 'no-passkey'
        | 'unsupported'
        | 'expired'
        | 'invalid'
        | 'not-verified'
        | 'already-enrolled'
        | 'verify-again'
        | 'offline'
        | 'log-unavailable'
    }

/** What the shell paints. One arm per screen; every arm is in the gallery. */
export type Screen =
  /** Starting: the authority or the log is not there yet. */
  | { readonly name: 'starting' }
  | { readonly name: 'locked'; readonly notice: Notice | null; readonly waiting: number }
  /** A badge was read; who it is, is being asked. */
  | {
      readonly name: 'identifying'
      readonly outgoing: Outgoing | null
      /** The person's session continues here; where it is, is not told before verification. */
      readonly elsewhere: boolean
    }
  | {
      readonly name: 'verifying'
      /** null: sign-in without badge. */
      readonly person: Incoming | null
      readonly proof: Proof
      /** False: the person has no passkey; offer the enrolment code and emergency access. */
      readonly passkey: boolean
      readonly outgoing: Outgoing | null
      /** As in `identifying`. */
      readonly elsewhere: boolean
    }
  | { readonly name: 'opening'; readonly person: Person }
  | {
      readonly name: 'active'
      readonly session: SessionShown
      readonly applications: readonly ApplicationShown[]
      /** `lockNow`: the owner tapped; 5 s to answer, no answer means go on. */
      readonly banner:
        | { readonly code: 'lock-now'; readonly until: number }
        | { readonly code: 'owner' }
        | { readonly code: 'verified' }
        /** The session came from this workstation. */
        | { readonly code: 'continued'; readonly where: string; readonly at: number }
        /** `mayAdd`: the owner can make it their own (badges.add). */
        | { readonly code: 'badge-refused'; readonly mayAdd: boolean }
        | { readonly code: 'two-badges' }
        /** The first of `session.notices`. */
        | { readonly code: 'notice' }
        | null
      readonly panel: Panel | null
    }
  /** Walk-away warning; applications are hidden behind it. */
  | { readonly name: 'warning'; readonly session: SessionShown; readonly until: number }
  /** The shield: work is kept. `graceUntil`: a tap is enough until then; null: passkey needed. */
  | {
      readonly name: 'shielded'
      readonly owner: Incoming
      readonly since: number
      readonly graceUntil: number | null
      readonly notice: Notice | null
    }
  | { readonly name: 'signing-out'; readonly person: Incoming }
  /** Identity fallback before sign-in. */
  | { readonly name: 'fallback'; readonly stage: FallbackStage }
  /** Enrolment before sign-in, with a code of IT. */
  | { readonly name: 'enrolling'; readonly enrolment: EnrolmentShown }
  /** Nothing can be done here before somebody fixes the cause. */
  | { readonly name: 'fault'; readonly code: FaultCode; readonly reference: string }

/** Whose work is being put aside by the tap in progress. */
export interface Outgoing {
  readonly label: string
  readonly fate: 'kept'
}

export type FallbackStage =
  | { readonly step: 'tap' }
  | {
      readonly step: 'form'
      readonly person: Incoming
      readonly refusal: 'expired' | 'quota' | null
      readonly busy: boolean
    }
  /** The request stands; a second person taps, verifies, and stays where they were. */
  | {
      readonly step: 'witness'
      readonly person: Incoming
      readonly reason: FallbackReason
      readonly note: string
      readonly until: number
      readonly minutes: number
      readonly witness: Incoming | null
      readonly proof: Proof | null
      readonly refusal: 'same-person' | null
    }

export type FaultCode =
  | 'store-busy'
  | 'store-full'
  | 'store-corrupt'
  | 'store-unwritable'
  | 'vault-unavailable'
  | 'authority-stopped'
  | 'configuration'
  /** The hospital's authority does not know this workstation yet. */
  | 'not-enrolled'
  | 'enrolment-refused'
  /** Its key is no good any more: it was enrolled anew elsewhere, or its key was replaced. */
  | 'key-revoked'
  | 'clock-wrong'
  | 'authority-unreachable'
  /** Whoever answers at the authority's address has a certificate that is not believed. */
  | 'certificate-refused'
  | 'workstation-disabled'

/** Geometry shared by main (bounds of the views) and the shell (its own layout), in CSS pixels. */
export const chrome = {
  bar: 88,
  /** A second row below the bar, in `active`: while `banner` is not null, and in an emergency. */
  banner: 84,
  /** The frame around everything in an emergency: `kind` is `fallback` or `override` is not null. */
  frame: 8,
  /** Width from which two applications stand side by side. */
  sideBySide: 1280,
} as const

/** What the shell leaves free for application views in a content area of this size, CSS pixels. */
export function applicationRoom({
  width,
  height,
  emergency,
  banner,
}: {
  readonly width: number
  readonly height: number
  readonly emergency: boolean
  /** `banner` of the screen is not null. */
  readonly banner: boolean
}): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const inset = emergency ? chrome.frame : 0
  const top = inset + chrome.bar + (emergency || banner ? chrome.banner : 0)
  return {
    x: inset,
    y: top,
    width: Math.max(0, width - 2 * inset),
    height: Math.max(0, height - top - inset),
  }
}
