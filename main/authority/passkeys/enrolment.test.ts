import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import { createPasskey, type Dishonesty } from '../../../test/support/passkey.ts'
import type { CredentialResponse, Response } from '../protocol/index.ts'

const minutes = 60_000

let f: AuthorityFixture
beforeEach(async () => {
  f = await authorityFixture()
})
afterEach(() => f.dispose())

const begin = (code: string | null, sessionId: string | null = null) =>
  f.call('enrolment.begin', { code, sessionId })
const begun = async (code: string | null, sessionId: string | null = null) => {
  const answer = await begin(code, sessionId)
  if (answer.outcome !== 'begun') throw new Error(answer.reason)
  return answer
}
const finish = async (enrolmentId: string, response: CredentialResponse) => {
  const answer: Response<'enrolment.finish'> = await f.call('enrolment.finish', {
    enrolmentId,
    response,
    name: 'My key',
  })
  return answer.outcome === 'refused' ? answer.reason : answer.outcome
}
const newKey = () => createPasskey({ rpId: 'lanyard.example' })

test('a code from IT leads to a discoverable key with user verification', async () => {
  const { options, person, enrolmentId } = await begun(' code-maria ')
  expect(person).toMatchObject({ personId: 'maria', label: 'Maria E.' })
  expect(options).toMatchObject({
    rp: { id: 'lanyard.example' },
    attestation: 'none',
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    excludeCredentials: [],
  })
  expect(JSON.stringify(options['user'])).not.toContain('maria')
  const key = newKey()
  expect(await finish(enrolmentId, key.register(options))).toBe('enrolled')
  expect(f.records.at(-1)).toMatchObject({ event: 'passkey.enrolled', actor: 'maria' })
  expect((await f.signIn('maria', key)).person.personId).toBe('maria')
})

const lies: readonly (readonly [string, Dishonesty, string])[] = [
  ['for another challenge', { challenge: 'AAAA' }, 'invalid'],
  ['on another origin', { origin: 'https://evil.example' }, 'invalid'],
  ['for another relying party', { rpId: 'evil.example' }, 'invalid'],
  ['in a cross-origin frame', { crossOrigin: true }, 'invalid'],
  ['without user presence', { userPresent: false }, 'invalid'],
  ['without user verification', { userVerified: false }, 'not-verified'],
]
test.each(lies)(
  'a key made %s is not enrolled, and its code is still good',
  async (_n, lie, why) => {
    const first = await begun('CODE-MARIA')
    expect(await finish(first.enrolmentId, newKey().register(first.options, lie))).toBe(why)
    const second = await begun('CODE-MARIA')
    expect(await finish(second.enrolmentId, newKey().register(second.options))).toBe('enrolled')
  },
)

test('a code is good for one key', async () => {
  const { enrolmentId, options } = await begun('CODE-MARIA')
  await finish(enrolmentId, newKey().register(options))
  expect(await begin('CODE-MARIA')).toEqual({ outcome: 'refused', reason: 'code-invalid' })
})

test('a code expires, also for what was begun with it', async () => {
  f.advance(f.policy['enrolment.codeLife'] - 1_000)
  const { enrolmentId, options } = await begun('CODE-MARIA')
  f.advance(1_000)
  expect(await finish(enrolmentId, newKey().register(options))).toBe('expired')
  expect(await begin('CODE-MARIA')).toMatchObject({ reason: 'code-invalid' })
})

test('of fifty redemptions of one code at once exactly one enrols', async () => {
  await f.dispose()
  f = await authorityFixture({ store: 'file' })
  const all = await Promise.all(Array.from({ length: 50 }, () => begun('CODE-MARIA')))
  const answers = await Promise.all(
    all.map(({ enrolmentId, options }) => finish(enrolmentId, newKey().register(options))),
  )
  expect(answers.filter((answer) => answer === 'enrolled')).toHaveLength(1)
  expect(await f.db.read.selectFrom('passkeys').selectAll().execute()).toHaveLength(1)
})

test('of fifty answers to one registration at once exactly one enrols', async () => {
  const { enrolmentId, options } = await begun('CODE-MARIA')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => finish(enrolmentId, newKey().register(options))),
  )
  expect(answers.filter((answer) => answer === 'enrolled')).toHaveLength(1)
})

test('guessing codes locks the workstation out for a quarter of an hour', async () => {
  for (let n = 0; n < 5; n++)
    expect(await begin(`GUESS-${n}-`)).toMatchObject({ reason: 'code-invalid' })
  expect(await begin('CODE-MARIA')).toMatchObject({ reason: 'locked-out' })
  f.advance(15 * minutes)
  // The code itself has expired by now; what matters is that it is looked at again.
  expect(await begin('CODE-MARIA')).toMatchObject({ reason: 'code-invalid' })
})

test('guesses in parallel all count', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => begin(`GUESS-${n}-`)))
  const reasons = answers.map((answer) => answer.outcome === 'refused' && answer.reason)
  expect(reasons.filter((reason) => reason === 'code-invalid')).toHaveLength(5)
  expect(reasons.filter((reason) => reason === 'locked-out')).toHaveLength(15)
})

test('the same key cannot be enrolled twice', async () => {
  const key = await f.enrol('maria')
  const { enrolmentId, options } = await begun('CODE-TOM')
  expect(await finish(enrolmentId, key.register(options))).toBe('already-enrolled')
})

test('in one own session a second key asks for a proof of the last five minutes', async () => {
  const key = await f.enrol('maria')
  const { sessionId } = await f.signIn('maria', key)
  f.advance(5 * minutes + 1)
  expect(await begin(null, sessionId)).toMatchObject({ reason: 'verify-again' })
  await f.signIn('maria', key)
  const { enrolmentId, options, person } = await begun(null, sessionId)
  expect(person.personId).toBe('maria')
  expect(options).toMatchObject({ excludeCredentials: [{ id: key.id }] })
  expect(await finish(enrolmentId, newKey().register(options))).toBe('enrolled')
  const { passkeys } = await f.call('passkeys.list', { sessionId })
  expect(passkeys.map(({ name }) => name)).toEqual(['Key', 'My key'])
})

test('a challenge to verify for an enrolment renews the session', async () => {
  const key = await f.enrol('maria')
  const { sessionId, person } = await f.signIn('maria', key)
  f.advance(10 * minutes)
  const ceremony = await f.call('passkey.challenge', {
    purpose: 'enrol',
    personId: person.personId,
  })
  const response = key.assert(ceremony.options)
  await f.call('session.start', { ceremonyId: ceremony.ceremonyId, response })
  expect((await begun(null, sessionId)).outcome).toBe('begun')
})

test('an enrolment whose session ended meanwhile comes to nothing', async () => {
  const key = await f.enrol('maria')
  const { sessionId } = await f.signIn('maria', key)
  const { enrolmentId, options } = await begun(null, sessionId)
  await f.call('session.end', { sessionId, reason: 'sign-out' })
  await expect(finish(enrolmentId, newKey().register(options))).rejects.toThrow('session-ended')
  expect(await f.db.read.selectFrom('passkeys').selectAll().execute()).toHaveLength(1)
})

test('a code and a session together, or neither, are refused as a mistake', async () => {
  await expect(begin(null)).rejects.toThrow('bad-request')
  await expect(begin('CODE-MARIA', 'some-session')).rejects.toThrow('bad-request')
})

test("revoking somebody else's key finds nothing", async () => {
  const maria = await f.enrol('maria')
  const tom = await f.enrol('tom')
  const { sessionId } = await f.signIn('maria', maria)
  await expect(f.call('passkeys.revoke', { sessionId, passkeyId: tom.id })).rejects.toThrow(
    'not-found',
  )
  await f.signIn('tom', tom)
})

test('neither code nor challenge stands in a record or, in the clear, in a table', async () => {
  await begun('CODE-MARIA')
  const codes = await f.db.read.selectFrom('enrolment_codes').selectAll().execute()
  expect(JSON.stringify([codes, f.records])).not.toMatch(/CODE-?MARIA/i)
})
