import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import {
  createPasskey,
  type Dishonesty,
  type SoftwarePasskey,
} from '../../../test/support/passkey.ts'
import type { Ceremony, CredentialResponse, Response } from '../protocol/index.ts'

let f: AuthorityFixture
let maria: SoftwarePasskey
let tom: SoftwarePasskey
beforeEach(async () => {
  f = await authorityFixture({ policy: { 'passkey.attempts': 3 } })
  maria = await f.enrol('maria')
  tom = await f.enrol('tom')
})
afterEach(() => f.dispose())

type Started = Response<'session.start'>
const outcome = (answer: Started) => (answer.outcome === 'refused' ? answer.reason : 'signed-in')
const start = async ({ ceremonyId }: Ceremony, response: CredentialResponse, caller = f.here) =>
  outcome(await f.call('session.start', { ceremonyId, response }, caller))
const challenge = (personId: string | null, purpose: 'sign-in' | 'override' = 'sign-in') =>
  f.call('passkey.challenge', { purpose, personId })
const lastRefusal = () => f.eventsOf('session.refused').at(-1)

const lies: readonly (readonly [string, Dishonesty, string, string | null])[] = [
  ['a forged signature', { forged: true }, 'invalid', 'signature'],
  ['another origin', { origin: 'https://agent.lanyard.example.evil' }, 'invalid', 'origin'],
  ['plain http', { origin: 'http://agent.lanyard.example' }, 'invalid', 'origin'],
  ['another relying party', { rpId: 'evil.example' }, 'invalid', 'rp-id'],
  ['another challenge', { challenge: 'AAAA' }, 'invalid', 'challenge'],
  ['a registration in place of an assertion', { type: 'webauthn.create' }, 'invalid', 'type'],
  ['an assertion made in a cross-origin frame', { crossOrigin: true }, 'invalid', 'cross-origin'],
  ['an assertion without user presence', { userPresent: false }, 'invalid', 'not-present'],
  ['an assertion without user verification', { userVerified: false }, 'not-verified', null],
  ['a counter that stands still', { counter: 0 }, 'invalid', 'counter-back'],
  ['a user handle of somebody else', { userHandle: 'AAAA' }, 'invalid', 'user-handle'],
  ['a key that suddenly is synced', { synced: true }, 'invalid', 'malformed'],
  ['an empty signature', { tamper: () => Buffer.alloc(0) }, 'invalid', 'malformed'],
  ['a huge signature', { tamper: () => Buffer.alloc(20_000) }, 'invalid', 'too-large'],
]

test.each(lies)(
  '%s signs nobody in, and the record says why',
  async (_name, lie, reason, cause) => {
    await f.signIn('maria', maria)
    const { ceremony } = await f.tap('maria')
    expect(await start(ceremony, maria.assert(ceremony.options, lie))).toBe(reason)
    expect(lastRefusal()).toMatchObject({ outcome: 4, detail: { reason, cause } })
  },
)

test('the same assertion is worth nothing the second time', async () => {
  const { ceremony } = await f.tap('maria')
  const response = maria.assert(ceremony.options)
  expect(await start(ceremony, response)).toBe('signed-in')
  expect(await start(ceremony, response)).toBe('expired')
})

test('an old assertion is worth nothing under a new challenge', async () => {
  const first = await f.tap('maria')
  const response = maria.assert(first.ceremony.options)
  const second = await f.tap('maria')
  expect(await start(second.ceremony, response)).toBe('invalid')
})

test('a wrong answer uses the challenge up as well', async () => {
  const { ceremony } = await f.tap('maria')
  expect(await start(ceremony, maria.assert(ceremony.options, { forged: true }))).toBe('invalid')
  expect(await start(ceremony, maria.assert(ceremony.options))).toBe('expired')
})

test('a challenge lives 60 s, whatever the wall clock says', async () => {
  const { ceremony } = await f.tap('maria')
  const late = await f.tap('maria')
  f.jumpWall(-64 * 3_600_000)
  f.advance(59_999)
  expect(await start(ceremony, maria.assert(ceremony.options))).toBe('signed-in')
  f.advance(1)
  f.jumpWall(-64 * 3_600_000)
  expect(await start(late.ceremony, maria.assert(late.ceremony.options))).toBe('expired')
})

test('a challenge is bound to its workstation and its purpose', async () => {
  const here = await f.tap('maria')
  const away = maria.assert(here.ceremony.options)
  expect(await start(here.ceremony, away, otherWorkstation)).toBe('expired')
  const other = await challenge('maria', 'override')
  expect(await start(other, maria.assert(other.options))).toBe('expired')
})

test("a colleague's key answers nothing after one's own tap", async () => {
  const { ceremony } = await f.tap('maria')
  expect(await start(ceremony, tom.assert(ceremony.options))).toBe('wrong-person')
})

test('a key that nobody enrolled is unknown', async () => {
  const { ceremony } = await f.tap('maria')
  const stranger = createPasskey({ rpId: 'lanyard.example' })
  expect(await start(ceremony, stranger.assert(ceremony.options))).toBe('unknown-passkey')
})

test('a revoked key is told so', async () => {
  const session = await f.signIn('maria', maria)
  await f.call('passkeys.revoke', { sessionId: session.sessionId, passkeyId: maria.id })
  const { ceremony, passkey } = await f.tap('maria')
  expect(passkey).toBe(false)
  expect(await start(ceremony, maria.assert(ceremony.options))).toBe('revoked')
})

test('without a badge the key names its owner, and must', async () => {
  const nameless = await challenge(null)
  expect(nameless.options).toMatchObject({ allowCredentials: [] })
  expect(await start(nameless, tom.assert(nameless.options, { userHandle: null }))).toBe('invalid')
  const again = await challenge(null)
  const answer = await f.call('session.start', {
    ceremonyId: again.ceremonyId,
    response: tom.assert(again.options),
  })
  expect(answer).toMatchObject({ outcome: 'signed-in', session: { person: { personId: 'tom' } } })
})

test('a challenge for a person asks for that person only, and for nobody unknown', async () => {
  const { options } = await challenge('tom')
  expect(options).toMatchObject({ allowCredentials: [{ id: tom.id }] })
  await expect(challenge('nobody')).rejects.toThrow('not-found')
})

test('failed attempts lock the key, success clears them, and others are not touched', async () => {
  const attempt = async (lie?: Dishonesty) => {
    const { ceremony } = await f.tap('maria')
    return start(ceremony, maria.assert(ceremony.options, lie))
  }
  expect(await attempt({ forged: true })).toBe('invalid')
  expect(await attempt({ forged: true })).toBe('invalid')
  expect(await attempt()).toBe('signed-in')
  for (let n = 0; n < 3; n++) expect(await attempt({ forged: true })).toBe('invalid')
  expect(await attempt()).toBe('locked-out')
  expect((await f.tap('maria')).passkey).toBe(false)
  const { ceremony } = await f.tap('tom')
  expect(await start(ceremony, tom.assert(ceremony.options))).toBe('signed-in')
})

test('a synced passkey without a counter signs in again and again, at AAL2 at most', async () => {
  const f2 = await authorityFixture()
  const synced = await f2.enrol('maria', { synced: true })
  for (let n = 0; n < 3; n++) {
    const session = await f2.signIn('maria', synced)
    expect(session.assurance).toMatchObject({ aal: 2, amr: ['swk', 'user', 'mfa'] })
  }
  await f2.dispose()
})

test('of fifty answers to one challenge at once exactly one signs in', async () => {
  await f.dispose()
  f = await authorityFixture({ store: 'file' })
  const key = await f.enrol('maria')
  const { ceremony } = await f.tap('maria')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => start(ceremony, key.assert(ceremony.options))),
  )
  expect(answers.filter((answer) => answer === 'signed-in')).toHaveLength(1)
  expect(answers.filter((answer) => answer === 'expired')).toHaveLength(49)
  const sessions = await f.db.read.selectFrom('sessions').selectAll().execute()
  expect(sessions).toHaveLength(1)
})

test('two answers out of order: the older counter is refused and recorded', async () => {
  const first = await f.tap('maria')
  const second = await f.tap('maria')
  const older = maria.assert(first.ceremony.options)
  const newer = maria.assert(second.ceremony.options)
  expect(await start(second.ceremony, newer)).toBe('signed-in')
  expect(await start(first.ceremony, older)).toBe('invalid')
  expect(lastRefusal()?.detail['cause']).toBe('counter-back')
})

test('when the log takes no record nobody signs in, and the challenge is still good', async () => {
  const { ceremony } = await f.tap('maria')
  f.breakLog(new Error('disk on fire'))
  const response = maria.assert(ceremony.options)
  await expect(start(ceremony, response)).rejects.toThrow('log-unavailable')
  await expect(f.tap('maria')).rejects.toThrow('log-unavailable')
  f.breakLog(null)
  expect(await f.db.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  expect(await start(ceremony, response)).toBe('signed-in')
})
