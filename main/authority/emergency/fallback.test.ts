import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { Dishonesty, SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { AuthorityEvent, Response } from '../protocol/index.ts'

const minutes = 60_000
const note = 'Left my key at home, patient waits'

let f: AuthorityFixture
let tom: SoftwarePasskey
beforeEach(async () => {
  f = await authorityFixture({
    people: [staff('maria'), staff('tom', { role: 'physician' }), staff('ida')],
    policy: { 'emergency.quota': 2 },
  })
  tom = await f.enrol('tom')
})
afterEach(() => f.dispose())

async function request(person: string) {
  const { tapId } = await f.tap(person)
  return f.call('fallback.request', { tapId, reason: 'key-lost', note })
}
async function requested(person: string) {
  const answer = await request(person)
  if (answer.outcome !== 'requested') throw new Error(answer.reason)
  return answer
}
async function approve(
  requestId: string,
  witness: { person: string; key: SoftwarePasskey; lie?: Dishonesty } = { person: 'tom', key: tom },
  caller = f.here,
) {
  const { ceremony } = await f.tap(witness.person, { purpose: 'witness', caller })
  const response = witness.key.assert(ceremony.options, witness.lie)
  return f.call(
    'fallback.approve',
    { requestId, ceremonyId: ceremony.ceremonyId, response },
    caller,
  )
}
async function granted(person: string) {
  const answer = await approve((await requested(person)).requestId)
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer.session
}
const outcome = (answer: Response<'fallback.approve'>) =>
  answer.outcome === 'refused' ? answer.reason : answer.outcome

test('a witness makes a named session that proves nothing, can less, and ends by itself', async () => {
  const session = await granted('maria')
  expect(session).toMatchObject({
    kind: 'fallback',
    scope: 'reduced',
    person: { personId: 'maria' },
    witness: 'Tom E.',
    assurance: { aal: 0, amr: ['witness'] },
    endsAt: f.now() + 60 * minutes,
  })
  expect(f.eventsOf('fallback.approved')[0]).toMatchObject({
    actor: 'maria',
    detail: { witness: 'tom', reason: 'key-lost' },
  })
  expect(JSON.stringify(f.records)).not.toContain(note)

  const events: AuthorityEvent[] = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => events.push(event))
  f.advance(40 * minutes)
  await f.call('session.activity', { sessionId: session.sessionId })
  f.advance(20 * minutes)
  await f.authority.tick()
  expect(events).toMatchObject([{ type: 'session.ended', reason: 'emergency-over' }])
  expect(f.eventsOf('fallback.ended')).toHaveLength(1)
  const [reviewed] = await f.db.read.selectFrom('review_cases').selectAll().execute()
  expect(reviewed).toMatchObject({ kind: 'fallback', witness_id: 'tom', ended_at: f.now() })
})

test('the witness signs in nowhere, and a session of the witness is not touched', async () => {
  const own = await f.signIn('tom', tom)
  f.advance(10 * minutes)
  await granted('maria')
  const sessions = await f.db.read.selectFrom('sessions').selectAll().execute()
  expect(sessions.map(({ person_id }) => person_id).toSorted()).toEqual(['maria', 'tom'])
  const kept = sessions.find(({ person_id }) => person_id === 'tom')
  expect(kept).toMatchObject({
    session_id: own.sessionId,
    verified_at: own.assurance.verifiedAt,
    last_activity_at: own.startedAt,
    ended_at: null,
  })
})

test('nobody is their own witness', async () => {
  const { requestId } = await requested('tom')
  expect(outcome(await approve(requestId))).toBe('same-person')
  expect(await f.db.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  expect(f.eventsOf('fallback.refused').at(-1)?.detail['reason']).toBe('same-person')
})

test('a witness needs a passkey of their own: a badge alone vouches for nobody', async () => {
  const { requestId } = await requested('maria')
  const answers = {
    unverified: await approve(requestId, { person: 'tom', key: tom, lie: { userVerified: false } }),
    forged: await approve(requestId, { person: 'tom', key: tom, lie: { forged: true } }),
    another: await approve(requestId, { person: 'ida', key: tom }),
  }
  expect(outcome(answers.unverified)).toBe('not-verified')
  expect(outcome(answers.forged)).toBe('invalid')
  expect(outcome(answers.another)).toBe('wrong-person')
})

test('a ceremony of sign-in approves nothing', async () => {
  const { requestId } = await requested('maria')
  const { ceremony } = await f.tap('tom')
  const response = tom.assert(ceremony.options)
  const answer = await f.call('fallback.approve', {
    requestId,
    ceremonyId: ceremony.ceremonyId,
    response,
  })
  expect(outcome(answer)).toBe('expired')
})

test('a request follows a real tap, once, and not an old one', async () => {
  const ask = (tapId: string) => f.call('fallback.request', { tapId, reason: 'other', note })
  expect(await ask('invented')).toMatchObject({ reason: 'expired' })
  const old = await f.tap('maria')
  f.advance(2 * minutes)
  expect(await ask(old.tapId)).toMatchObject({ reason: 'expired' })
  const witness = await f.tap('maria', { purpose: 'witness' })
  expect(await ask(witness.tapId)).toMatchObject({ reason: 'expired' })
  const { tapId } = await f.tap('maria')
  expect(await ask(tapId)).toMatchObject({ outcome: 'requested' })
  expect(await ask(tapId)).toMatchObject({ reason: 'expired' })
})

test('a request waits two minutes, at its own workstation', async () => {
  const { requestId, expiresAt } = await requested('maria')
  expect(expiresAt).toBe(f.now() + 2 * minutes)
  const away = await approve(requestId, { person: 'tom', key: tom }, otherWorkstation)
  expect(outcome(away)).toBe('expired')
  f.advance(2 * minutes)
  expect(outcome(await approve(requestId))).toBe('expired')
})

test('a declined request cannot be approved, and a new one withdraws the old', async () => {
  const first = await requested('maria')
  await f.call('fallback.decline', { requestId: first.requestId })
  expect(outcome(await approve(first.requestId))).toBe('expired')
  const second = await requested('maria')
  const third = await requested('maria')
  expect(outcome(await approve(second.requestId))).toBe('expired')
  expect(outcome(await approve(third.requestId))).toBe('signed-in')
  await expect(f.call('fallback.decline', { requestId: 'invented' })).rejects.toThrow('not-found')
})

test('of fifty approvals of one request at once exactly one opens a session', async () => {
  await f.dispose()
  f = await authorityFixture({ people: [staff('maria'), staff('ida')], store: 'file' })
  const { requestId } = await requested('maria')
  // Without a counter, so that the order of arrival refuses none of them.
  const ida = await f.enrol('ida', { synced: true })
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => approve(requestId, { person: 'ida', key: ida })),
  )
  expect(answers.map(outcome).filter((one) => one === 'signed-in')).toHaveLength(1)
  expect(answers.map(outcome).filter((one) => one === 'expired')).toHaveLength(49)
})

test('the quota of 24 hours counts every emergency access of the person', async () => {
  await granted('maria')
  await granted('maria')
  expect(await request('maria')).toEqual({ outcome: 'refused', reason: 'quota' })
  expect((await request('ida')).outcome).toBe('requested')
  f.advance(24 * 60 * minutes)
  expect((await request('maria')).outcome).toBe('requested')
})

test('a tap of the owner lifts the shield of a witnessed session while it lasts', async () => {
  const { sessionId } = await granted('maria')
  await f.call('session.shield', { sessionId, reason: 'inactivity' })
  const tap = await f.tap('maria')
  expect(tap.session?.sessionId).toBe(sessionId)
  const answer = await f.call('session.resume', { sessionId, tapId: tap.tapId })
  expect(answer).toMatchObject({ session: { assurance: { aal: 0 } } })
})

test('who finds the key again proves it, and the witnessed session is over', async () => {
  const { sessionId } = await granted('maria')
  const key = await f.enrol('maria')
  const session = await f.signIn('maria', key)
  expect(session).toMatchObject({ kind: 'standard', assurance: { aal: 2 } })
  await expect(f.call('session.activity', { sessionId })).rejects.toThrow('session-ended')
})

test('a witnessed session can neither enrol, nor revoke, nor review', async () => {
  const { sessionId } = await granted('maria')
  expect(await f.call('enrolment.begin', { code: null, sessionId })).toMatchObject({
    reason: 'verify-again',
  })
  await expect(f.call('passkeys.revoke', { sessionId, passkeyId: tom.id })).rejects.toThrow(
    'conflict',
  )
  expect(await f.call('review.list', { sessionId })).toEqual({ outcome: 'not-a-reviewer' })
})

test('whoever was vouched for is told when they prove who they are, and can say it was not them', async () => {
  const key = await f.enrol('maria')
  const vouched = await granted('maria')
  // Nothing is told in the session that proved nothing.
  expect(vouched.notices).toEqual([])
  const at = f.now()
  f.advance(30 * minutes)
  const { sessionId, notices } = await f.signIn('maria', key)
  expect(notices).toMatchObject([{ kind: 'vouched-for', where: f.here.workstation.name, at }])
  const noticeId = notices[0]?.noticeId ?? ''
  const waiting = () => f.db.read.selectFrom('review_cases').selectAll().executeTakeFirstOrThrow()
  expect((await waiting()).escalates_at).toBeGreaterThan(f.now())
  await f.call('notice.answer', { sessionId, noticeId, answer: 'disputed' })
  // Not in three days, but now.
  expect(await waiting()).toMatchObject({ escalates_at: f.now(), verdict: null })
  expect(f.eventsOf('notice.answered')).toMatchObject([
    { outcome: 8, detail: { kind: 'vouched-for', about: vouched.sessionId, answer: 'disputed' } },
  ])
})
