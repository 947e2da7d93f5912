import type { FallbackReason } from '../choices.ts'
import type { FaultCode } from './fault.ts'
import type { Notice } from './notice.ts'
import type { Panel } from './panel.ts'
import type { EnrolmentShown } from './passkeys.ts'
import type { Incoming, Person, Outgoing } from './people.ts'
import type { Proof } from './proof.ts'
import type { SessionShown, ApplicationShown } from './session.ts'

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
