import { describe, expect, test } from 'vitest'
import { assertionFailure, registrationFailure } from './ceremony-failure.ts'

const named = (name: string, cause?: Error) =>
  Object.assign(new Error(name, cause === undefined ? {} : { cause }), { name })

describe('assertionFailure', () => {
  test.each([
    ['a window closed by hand', 'NotAllowedError', 4000, false, 'cancelled'],
    ['a refusal faster than a hand', 'NotAllowedError', 200, false, 'no-passkey'],
    ['our own timer', 'AbortError', 60_000, true, 'timed-out'],
    ['our own timer, worded by the platform', 'NotAllowedError', 60_000, true, 'timed-out'],
    ['a time-out of the platform', 'TimeoutError', 30_000, false, 'timed-out'],
    ['an abort by the platform', 'AbortError', 3000, false, 'cancelled'],
    ['a key without this credential', 'InvalidStateError', 3000, false, 'no-passkey'],
    ['a page on the wrong origin', 'SecurityError', 5, false, 'unsupported'],
    ['a browser without WebAuthn', 'Error', 1, false, 'unsupported'],
  ] as const)('%s', (_what, name, elapsed, expired, reason) => {
    expect(assertionFailure({ error: named(name), elapsed, expired })).toBe(reason)
  })

  test('looks through the wrapper of the library to the cause', () => {
    const error = named('WebAuthnError', named('NotAllowedError'))
    expect(assertionFailure({ error, elapsed: 5000, expired: false })).toBe('cancelled')
  })

  test('a thrown value that is no error counts as unsupported', () => {
    expect(assertionFailure({ error: 'no', elapsed: 5000, expired: false })).toBe('unsupported')
  })
})

describe('registrationFailure', () => {
  test('an authenticator that holds a passkey of the person is named as such', () => {
    const error = named('InvalidStateError')
    expect(registrationFailure({ error, elapsed: 2000, expired: false })).toBe('already-enrolled')
  })

  test('otherwise ends like an assertion', () => {
    const error = named('NotAllowedError')
    expect(registrationFailure({ error, elapsed: 2000, expired: false })).toBe('cancelled')
    expect(registrationFailure({ error, elapsed: 2000, expired: true })).toBe('timed-out')
  })
})
