import type { FallbackReason, OverrideReason } from '../../preload/choices.ts'

/** In the order of the forms: the likeliest first, "other" last. */
export const fallbackReasons: readonly FallbackReason[] = [
  'key-lost',
  'key-broken',
  'passkey-locked',
  'new-staff',
  'other',
]
export const overrideReasons: readonly OverrideReason[] = [
  'emergency-treatment',
  'cross-cover',
  'transfer',
  'incident-response',
  'other',
]
