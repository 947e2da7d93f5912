import type { BadgeShown, BadgeEnrolmentShown } from './badges.ts'
import type { PasskeyShown, EnrolmentShown } from './passkeys.ts'
import type { Proof } from './proof.ts'
import type { ReaderShown, InspectionShown } from './readers.ts'
import type { ReviewShown } from './reviews.ts'

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
