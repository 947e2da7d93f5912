import * as z from 'zod/mini'

/* What a person can choose, and how a ceremony in the page can end. */

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
