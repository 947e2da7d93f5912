import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import type { Dishonesty, SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { AuthorityEvent, Response, SessionView } from '../protocol/index.ts'

const minutes = 60_000
const note = 'Unconscious, no record found'

let f: AuthorityFixture
let tom: SoftwarePasskey
let session: SessionView
let events: AuthorityEvent[]
beforeEach(async () => {
  f = await authorityFixture({
    people: [staff('maria'), staff('tom', { role: 'physician' })],
    policy: { 'emergency.quota': 2 },
  })
  tom = await f.enrol('tom')
  session = await f.signIn('tom', tom)
  events = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => events.push(event))
})
afterEach(() => f.dispose())

interface Attempt {
  readonly key?: SoftwarePasskey
  readonly purpose?: 'override' | 'sign-in'
  readonly patient?: string
  readonly in?: SessionView
  readonly lie?: Dishonesty
}

async function breakGlass({
  key = tom,
  purpose = 'override',
  patient = 'P-77',
  in: at = session,
  lie = {},
}: Attempt = {}) {
  const ceremony = await f.call('passkey.challenge', { purpose, personId: null })
  const answer: Response<'override.start'> = await f.call('override.start', {
    sessionId: at.sessionId,
    patient,
    reason: 'emergency-treatment',
    note,
    ceremonyId: ceremony.ceremonyId,
    response: key.assert(ceremony.options, lie),
  })
  return answer
}
const granted = async (options: Attempt = {}) => {
  const answer = await breakGlass(options)
  if (answer.outcome !== 'granted') throw new Error(answer.outcome)
  return answer.override
}
const hello = async () => (await f.call('agent.hello', { protocol: 1, afterSeq: 0 })).sessions[0]

test('one patient for 15 minutes, with a reason, on record and in the review queue', async () => {
  const override = await granted()
  expect(override).toMatchObject({
    patient: 'P-77',
    purposeOfUse: 'BTG',
    endsAt: f.now() + 15 * minutes,
  })
  expect(events).toMatchObject([
    { type: 'session.changed', session: { override: { overrideId: override.overrideId } } },
  ])
  expect(f.eventsOf('override.started')[0]).toMatchObject({
    actor: 'tom',
    patient: 'P-77',
    purposeOfUse: 'BTG',
    assurance: { aal: 2, verifiedAt: f.now() },
    detail: { reason: 'emergency-treatment' },
  })
  expect(JSON.stringify(f.records)).not.toContain(note)
  const [reviewed] = await f.db.read.selectFrom('review_cases').selectAll().execute()
  expect(reviewed).toMatchObject({
    case_id: override.overrideId,
    kind: 'override',
    patient: 'P-77',
    due_at: f.now() + f.policy['emergency.reviewDue'],
    escalates_at: f.now() + f.policy['emergency.reviewEscalates'],
    note,
  })
})

test('it ends by time, and the agent is told', async () => {
  const { overrideId, endsAt } = await granted()
  f.advance(15 * minutes - 1)
  expect(await f.authority.tick()).toBe(endsAt)
  f.advance(1)
  await f.authority.tick()
  expect(events.slice(1)).toMatchObject([
    { type: 'override.ended', sessionId: session.sessionId, overrideId },
    { type: 'session.changed', session: { override: null } },
  ])
  expect(f.eventsOf('override.ended')[0]?.detail['why']).toBe('time')
})

test('it is over at its time even before anybody has looked', async () => {
  await granted()
  f.advance(15 * minutes)
  expect((await hello())?.override).toBeNull()
})

test('it ends when asked, and with its session', async () => {
  const { overrideId } = await granted()
  await f.call('override.end', { sessionId: session.sessionId, overrideId })
  await f.call('override.end', { sessionId: session.sessionId, overrideId })
  expect(f.eventsOf('override.ended')).toHaveLength(1)
  await granted()
  await f.call('session.end', { sessionId: session.sessionId, reason: 'sign-out' })
  expect(f.eventsOf('override.ended').map(({ detail }) => detail['why'])).toEqual([
    'asked',
    'session',
  ])
})

test('a second patient replaces the first', async () => {
  const first = await granted()
  const second = await granted({ patient: 'P-78' })
  expect(await hello()).toMatchObject({ override: { overrideId: second.overrideId } })
  expect(f.eventsOf('override.ended')[0]?.detail).toEqual({
    override: first.overrideId,
    why: 'replaced',
  })
})

test('it never outlasts the session', async () => {
  const short = await authorityFixture({ policy: { 'session.overall': 16 * minutes } })
  const key = await short.enrol('tom')
  const own = await short.signIn('tom', key)
  short.advance(10 * minutes)
  const ceremony = await short.call('passkey.challenge', { purpose: 'override', personId: null })
  const answer = await short.call('override.start', {
    sessionId: own.sessionId,
    patient: 'P-1',
    reason: 'other',
    note,
    ceremonyId: ceremony.ceremonyId,
    response: key.assert(ceremony.options),
  })
  expect(answer).toMatchObject({ override: { endsAt: own.endsAt } })
  await short.dispose()
})

test('only a fresh proof by the person of the session breaks the glass', async () => {
  const maria = await f.enrol('maria')
  const answers = [
    await breakGlass({ key: maria }),
    await breakGlass({ lie: { userVerified: false } }),
    await breakGlass({ lie: { forged: true } }),
    await breakGlass({ purpose: 'sign-in' }),
  ]
  expect(answers.map((answer) => answer.outcome === 'refused' && answer.reason)).toEqual([
    'wrong-person',
    'not-verified',
    'invalid',
    'expired',
  ])
  expect(f.eventsOf('override.refused')).toHaveLength(4)
  expect((await hello())?.override).toBeNull()
})

test('a witnessed session does not break the glass', async () => {
  const { tapId } = await f.tap('maria')
  const request = await f.call('fallback.request', { tapId, reason: 'other', note })
  if (request.outcome !== 'requested') throw new Error(request.reason)
  const { ceremony } = await f.tap('tom', { purpose: 'witness' })
  const approved = await f.call('fallback.approve', {
    requestId: request.requestId,
    ceremonyId: ceremony.ceremonyId,
    response: tom.assert(ceremony.options),
  })
  if (approved.outcome !== 'signed-in') throw new Error(approved.outcome)
  const maria = await f.enrol('maria')
  expect(await breakGlass({ key: maria, in: approved.session })).toEqual({
    outcome: 'refused',
    reason: 'not-verified',
  })
})

test('the quota of 24 hours holds, and says so', async () => {
  await granted()
  await granted()
  expect(await breakGlass()).toEqual({ outcome: 'quota' })
  expect(f.eventsOf('override.refused').at(-1)?.detail['reason']).toBe('quota')
})

test('an override of another session cannot be ended from this one', async () => {
  await expect(
    f.call('override.end', { sessionId: session.sessionId, overrideId: 'invented' }),
  ).rejects.toThrow('not-found')
})

test('the glass stays whole when the log takes no record', async () => {
  const ceremony = await f.call('passkey.challenge', { purpose: 'override', personId: null })
  f.breakLog(new Error('no space'))
  await expect(
    f.call('override.start', {
      sessionId: session.sessionId,
      patient: 'P-1',
      reason: 'other',
      note,
      ceremonyId: ceremony.ceremonyId,
      response: tom.assert(ceremony.options),
    }),
  ).rejects.toThrow('log-unavailable')
  f.breakLog(null)
  expect(events).toEqual([])
  expect((await hello())?.override).toBeNull()
})
