import type { FallbackReason, Locale, Theme } from '../../../preload/choices.ts'
import type { FaultCode } from '../../../preload/shown/fault.ts'
import type { Notice } from '../../../preload/shown/notice.ts'
import type { EndReason } from '../../authority/protocol/reasons.ts'
import type {
  ApplicationView,
  PersonId,
  SessionId,
  SessionView,
} from '../../authority/protocol/views.ts'
import type { ReaderState } from '../../badge/reader-messages.ts'
import type { HeldTap, SeatEnrolment, SeatPanel, SeatProof } from './panel-types.ts'

/*
 * The state of one seat. Every time in it is in milliseconds of the seat's own clock, which follows
 * the machine's monotonic clock, so that a jump of the wall clock moves no deadline.
 */

export type Slot = number

export interface SeatApplication {
  readonly id: string
  readonly name: string
  readonly kind: ApplicationView['kind']
  readonly state: 'opening' | 'ready' | 'failed'
  /** It failed for want of the authority, and opens by itself when that is back. */
  readonly awaitsAuthority: boolean
}

export interface SeatReader {
  readonly model: string
  readonly status: ReaderState
  /** What to do next; for the engineer only. */
  readonly detail: string
}

/** A session that lives at this seat, in front or kept behind a shield, with its partition slot. */
export interface SeatSession {
  /** As the authority told it, times moved to the seat's clock; assurance only as proven here. */
  readonly view: SessionView
  readonly slot: Slot
  readonly applications: readonly SeatApplication[]
  readonly focused: string | null
  /** Launch handles were asked for and answered: the workspace can be shown. */
  readonly opened: boolean
  /** When the authority was last told that its person is working. */
  readonly activityToldAt: number
  /** Notices that its person answered here; the authority may not have heard of it yet. */
  readonly answered: readonly string[]
}

/** Who tapped, before verification. */
export interface Identified {
  readonly personId: PersonId
  readonly label: string
  readonly initials: string
  readonly tapId: string
  readonly passkey: boolean
}

/** Where a cancelled or finished ceremony leads back to. Never straight into a workspace. */
export type Home =
  | { readonly at: 'locked' }
  | {
      readonly at: 'shield'
      readonly sessionId: SessionId
      readonly since: number
      /** Tap of the colleague who covered it and has not signed in yet; null: nobody did. */
      readonly by: string | null
    }

/** A tap on an open workspace, until it is known whose: only then is it put aside. */
export type Interrupted = {
  readonly at: 'active'
  readonly sessionId: SessionId
  readonly lastActivity: number
}

/** Name of a workstation, and when a session came from there or went there. */
export interface Elsewhere {
  readonly where: string
  readonly at: number
}

/** A session that was live here and is over. */
export interface Ended {
  readonly sessionId: SessionId
  readonly reason: EndReason
  /** Where it goes on, with the reason `moved` and where that was said. */
  readonly moved: Elsewhere | null
}

export type SeatBanner =
  | { readonly code: 'owner' }
  /** The session came from another workstation. */
  | { readonly code: 'continued'; readonly from: Elsewhere; readonly until: number }
  | { readonly code: 'lock-now' | 'verified' | 'two-badges'; readonly until: number }
  | {
      readonly code: 'badge-refused'
      readonly until: number
      /** What its owner may add from here without another first tap. */
      readonly tap: HeldTap | null
    }

export type SeatFallback =
  | { readonly step: 'tap'; readonly until: number }
  | { readonly step: 'identifying'; readonly request: number; readonly until: number }
  | {
      readonly step: 'form'
      readonly person: Identified
      readonly refusal: 'expired' | 'quota' | null
      /** The requester's own new tap in flight, when the first one is too old. */
      readonly renewing: number | null
      /** The request in flight, with what it asks for. */
      readonly asked: {
        readonly request: number
        readonly reason: FallbackReason
        readonly note: string
      } | null
      readonly until: number
    }
  | {
      readonly step: 'witness'
      readonly requestId: string
      readonly person: Identified
      readonly reason: FallbackReason
      readonly note: string
      readonly until: number
      /** The witness's tap in flight. */
      readonly identifying: number | null
      readonly witness: Identified | null
      readonly proof: SeatProof | null
      readonly refusal: 'same-person' | null
    }

export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'fault'; readonly code: FaultCode; readonly reference: string }
  | { readonly name: 'locked'; readonly notice: Notice | null; readonly until: number | null }
  | {
      readonly name: 'identifying'
      readonly request: number
      readonly tapId: string
      readonly reader: string
      readonly badge: string
      readonly until: number
      readonly from: Home | Interrupted
    }
  /** The owner's tap within the grace time, on its way to be recorded. */
  | {
      readonly name: 'resuming'
      readonly request: number
      /** Kept here behind its shield; null: live at another workstation, the tap takes it over. */
      readonly sessionId: SessionId | null
      readonly person: Identified
      readonly until: number
      readonly home: Home
    }
  | {
      readonly name: 'verifying'
      /** null: sign-in without a badge. */
      readonly person: Identified | null
      readonly proof: SeatProof
      readonly home: Home
      /** Their session is live at another workstation and will continue here. */
      readonly elsewhere: boolean
      /** What the person was about to do when a fresh proof was asked for. */
      readonly next: 'enrolment' | null
    }
  | {
      readonly name: 'opening'
      readonly sessionId: SessionId
      readonly until: number
      readonly lastActivity: number
      readonly from: Elsewhere | null
    }
  | {
      readonly name: 'active'
      readonly sessionId: SessionId
      readonly lastActivity: number
      readonly banner: SeatBanner | null
      readonly panel: SeatPanel | null
    }
  | { readonly name: 'warning'; readonly sessionId: SessionId; readonly until: number }
  | {
      readonly name: 'shielded'
      readonly sessionId: SessionId
      readonly since: number
      /** A tap of the owner is enough until then; null: a passkey is needed. */
      readonly graceUntil: number | null
      readonly notice: Notice | null
      readonly until: number | null
    }
  | {
      readonly name: 'signing-out'
      readonly sessionId: SessionId
      readonly person: { readonly label: string; readonly initials: string }
      readonly until: number
    }
  | { readonly name: 'fallback'; readonly stage: SeatFallback; readonly home: Home }
  | { readonly name: 'enrolling'; readonly enrolment: SeatEnrolment; readonly home: Home }

export type PhaseName = Phase['name']
export type PhaseOf<N extends PhaseName> = Extract<Phase, { name: N }>

export interface SeatState {
  readonly phase: Phase
  /** Two machines use the key of this workstation, until it starts with another one. */
  readonly copied: boolean
  readonly sessions: readonly SeatSession[]
  /** Ends that were told lately, newest last: an answer that comes later opens none of them. */
  readonly ended: readonly Ended[]
  readonly slots: { readonly free: readonly Slot[]; readonly next: Slot }
  readonly authority: {
    readonly state: 'starting' | 'online' | 'offline' | 'failed'
    readonly since: number
    /** Add to a time of the authority to get the seat's. */
    readonly offset: number
    /** The workstation answers by itself: since when, and until when people can sign in. */
    readonly alone: { readonly since: number; readonly until: number } | null
  }
  /** Applications that the authority knows. */
  readonly catalogue: readonly ApplicationView[]
  readonly readers: Readonly<Record<string, SeatReader>>
  /** The last badge that counted as a tap, by a fingerprint that means nothing outside this run. */
  readonly lastTap: {
    readonly badge: string
    readonly tapId: string
    readonly reader: string
    readonly at: number
  } | null
  /** Badges that were accepted in this run, and whose they are; oldest first. */
  readonly known: readonly { readonly badge: string; readonly personId: PersonId }[]
  /** Refused badges of the last minute, and readers that cool down. */
  readonly refused: readonly { readonly reader: string; readonly at: number }[]
  readonly cooling: Readonly<Record<string, number>>
  /** An authorization override on its way to be granted, whatever is on the screen meanwhile. */
  readonly overrideAsked: { readonly request: number; readonly sessionId: SessionId } | null
  readonly locale: Locale
  readonly theme: Theme
  /** Numbers the questions to the authority, so that a late answer is recognised. */
  readonly counter: number
}

/** How long the seat waits for things that are nobody's policy. Milliseconds. */
export const patience = {
  /** An answer of the authority. */
  answer: 10_000,
  /** A line of news on the lock screen or the shield. */
  notice: 30_000,
  /** Where a session went, for somebody who comes back to the seat that they left. */
  moved: 600_000,
  /** A passing banner (transient confirmations: 6 s at least). */
  banner: 6_000,
  /** A failed ceremony on an unattended screen. */
  linger: 60_000,
  /** A form that nobody fills in; a badge that nobody taps. */
  form: 300_000,
  /** Launch handles of a new workspace. */
  opening: 10_000,
  /** Clearing a slot before the lock screen shows regardless. */
  signOut: 5_000,
  /** Between two reports of activity to the authority. */
  activity: 30_000,
} as const
