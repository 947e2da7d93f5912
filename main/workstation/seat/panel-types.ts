import type { BadgeEnrolmentShown, BadgeShown } from '../../../preload/shown/badges.ts'
import type { EnrolmentShown, PasskeyShown } from '../../../preload/shown/passkeys.ts'
import type { InspectionShown } from '../../../preload/shown/readers.ts'
import type { OverrideReason } from '../../../preload/choices.ts'
import type { ProofFailure } from '../../../preload/shown/proof.ts'
import type { ReviewShown } from '../../../preload/shown/reviews.ts'

/*
 * What a session does besides working: the panels over a workspace, and the ceremonies in them.
 * Times are the seat's own, in milliseconds.
 */

/** A passkey ceremony, wherever it is shown. `until`: what happens by itself then. */
export type SeatProof =
  | { readonly step: 'preparing'; readonly request: number; readonly until: number }
  | {
      readonly step: 'waiting'
      readonly ceremonyId: string
      readonly options: Readonly<Record<string, unknown>>
      readonly until: number
    }
  | { readonly step: 'checking'; readonly request: number; readonly until: number }
  | { readonly step: 'failed'; readonly failure: ProofFailure; readonly until: number }

type Shown<S extends EnrolmentShown['step']> = Extract<EnrolmentShown, { step: S }>

export type SeatEnrolment =
  | Shown<'code'>
  | (Shown<'preparing'> & {
      readonly request: number
      readonly until: number
      readonly withCode: boolean
    })
  | (Shown<'waiting'> & { readonly until: number; readonly withCode: boolean })
  | (Shown<'saving'> & { readonly request: number; readonly until: number })
  | Shown<'done'>
  | Shown<'failed'>

export interface OverrideForm {
  readonly patient: string
  readonly reason: OverrideReason
  readonly note: string
}

type PanelFailure = 'offline' | 'log-unavailable'

/** A tap whose badge the driver still holds under `tapId`; `badge` is its fingerprint only. */
export interface HeldTap {
  readonly tapId: string
  readonly reader: string
  readonly badge: string
}

/** The authority knows of the first tap; without the next step until then it all ends by itself. */
export interface BegunBadge {
  readonly enrolmentId: string
  readonly expiresAt: number
}

export interface BadgeChoice {
  readonly name: string
  readonly kind: 'permanent' | 'loaner'
  readonly replaces: string | null
}

export type BadgeFailure = Extract<BadgeEnrolmentShown, { step: 'failed' }>['failure']

export type SeatBadgeEnrolment =
  | { readonly step: 'first-tap'; readonly until: number }
  | {
      readonly step: 'checking'
      readonly request: number
      /** Where its answer is signalled. */
      readonly reader: string
      /** null: it is the first tap that is being asked about. */
      readonly begun: BegunBadge | null
      readonly until: number
    }
  | { readonly step: 'second-tap'; readonly begun: BegunBadge }
  | { readonly step: 'form'; readonly begun: BegunBadge; readonly loanerOnly: boolean }
  | {
      readonly step: 'proof'
      readonly begun: BegunBadge
      readonly loanerOnly: boolean
      readonly choice: BadgeChoice
      readonly proof: SeatProof
    }
  | Extract<BadgeEnrolmentShown, { step: 'done' }>
  | { readonly step: 'failed'; readonly failure: BadgeFailure }

export interface SeatInspection {
  /** Its question to the authority; null: there was no badge to ask about. */
  readonly request: number | null
  readonly shown: InspectionShown
}

export interface BadgesPanel {
  readonly name: 'badges'
  readonly request: number | null
  readonly badges: readonly BadgeShown[] | null
  /** A lost card on its way to be found again. */
  readonly finding: { readonly cardId: string; readonly proof: SeatProof } | null
  readonly failure: PanelFailure | null
}

export interface BadgeEnrolmentPanel {
  readonly name: 'badge-enrolment'
  readonly sameCard: string | null
  /** One's own cards, for the form; null: not known yet. */
  readonly cards: readonly BadgeShown[] | null
  readonly listing: number | null
  /** Fingerprints of the badges that were tapped here: they are this panel's in every step. */
  readonly tapped: readonly string[]
  readonly enrolment: SeatBadgeEnrolment
}

export interface ReadersPanel {
  readonly name: 'readers'
  /** What the authority is being asked to allow. */
  readonly asked: { readonly request: number; readonly reveal: boolean } | null
  /** It allowed the page. Readers inspect only then. */
  readonly allowed: boolean
  readonly reveal: boolean
  readonly inspections: readonly SeatInspection[]
  readonly lastTapAt: number
  readonly failure: 'not-an-operator' | PanelFailure | null
}

export type SeatPanel =
  | {
      readonly name: 'override'
      readonly form: OverrideForm | null
      readonly proof: SeatProof | null
      readonly refusal: 'quota' | null
    }
  | {
      readonly name: 'passkeys'
      readonly request: number
      readonly passkeys: readonly PasskeyShown[] | null
    }
  | { readonly name: 'enrolment'; readonly enrolment: SeatEnrolment }
  | {
      readonly name: 'reviews'
      readonly request: number
      readonly cases: readonly ReviewShown[] | null
      readonly failure: 'not-a-reviewer' | 'own-case' | 'already-decided' | null
    }
  | BadgesPanel
  | BadgeEnrolmentPanel
  | ReadersPanel
