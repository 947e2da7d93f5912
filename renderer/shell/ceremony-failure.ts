import type { CeremonyFailure, EnrolmentFailure } from '../../preload/choices.ts'

/** What is known about a ceremony that ended without a credential. Durations in milliseconds. */
export interface CeremonyEnd {
  readonly error: unknown
  readonly elapsed: number
  /** Our own timer ended it. */
  readonly expired: boolean
}

/** Faster than a person can close a window: the platform refused by itself. */
const automatic = 1000

function errorNames(error: unknown): readonly string[] {
  const names: string[] = []
  for (let e = error; e instanceof Error; e = e.cause) {
    names.push(e.name)
    if ('code' in e && typeof e.code === 'string') names.push(e.code)
  }
  return names
}

/**
 * One reason for each way a WebAuthn ceremony ends (WebAuthn L3, 5.1). Browsers say
 * `NotAllowedError` for a closed window, a time-out and a missing passkey alike, so the time tells
 * them apart.
 */
export function assertionFailure({ error, elapsed, expired }: CeremonyEnd): CeremonyFailure {
  const names = errorNames(error)
  if (expired || names.includes('TimeoutError')) return 'timed-out'
  if (names.includes('AbortError')) return 'cancelled'
  if (names.includes('NotAllowedError')) return elapsed < automatic ? 'no-passkey' : 'cancelled'
  if (names.includes('InvalidStateError')) return 'no-passkey'
  return 'unsupported'
}

/** The same for a new passkey, where `InvalidStateError` means that the authenticator has one. */
export function registrationFailure(end: CeremonyEnd): EnrolmentFailure {
  if (!end.expired && errorNames(end.error).includes('InvalidStateError')) return 'already-enrolled'
  return assertionFailure(end)
}
