import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { AuthorityEvent, SessionId, SessionView } from '../protocol/index.ts'

const minutes = 60_000
const hours = 60 * minutes

let f: AuthorityFixture
let maria: SoftwarePasskey
beforeEach(async () => {
  f = await authorityFixture()
  maria = await f.enrol('maria')
})
afterEach(() => f.dispose())

const resume = (sessionId: SessionId, tapId: string, caller = f.here) =>
  f.call('session.resume', { sessionId, tapId }, caller)
const shield = ({ sessionId }: SessionView) =>
  f.call('session.shield', { sessionId, reason: 'inactivity' })
const activity = ({ sessionId }: SessionView) => f.call('session.activity', { sessionId })
const end = ({ sessionId }: SessionView) => f.call('session.end', { sessionId, reason: 'sign-out' })
const eventsHere = () => {
  const events: AuthorityEvent[] = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => events.push(event))
  return events
}

test('a badge and a passkey with user verification make a session at AAL2', async () => {
  const session = await f.signIn('maria', maria)
  expect(session).toMatchObject({
    kind: 'standard',
    scope: 'full',
    assurance: { aal: 2, amr: ['hwk', 'user', 'mfa'], verifiedAt: f.now() },
    person: { displayName: 'Maria Example', label: 'Maria E.', initials: 'ME' },
    endsAt: f.now() + 12 * hours,
    inactiveAt: f.now() + 60 * minutes,
    tapGraceUntil: f.now() + 2 * hours,
    applications: ['ehr'],
    patient: 'P-1',
  })
  expect(f.records.at(-1)).toMatchObject({
    event: 'session.started',
    session: session.sessionId,
    assurance: { aal: 2 },
  })
})

test('verifying again renews the proof of the same session and not its hard end', async () => {
  const first = await f.signIn('maria', maria)
  f.advance(30 * minutes)
  await shield(first)
  const second = await f.signIn('maria', maria)
  expect(second).toMatchObject({
    sessionId: first.sessionId,
    endsAt: first.endsAt,
    assurance: { verifiedAt: f.now() },
  })
  expect(f.eventsOf('session.reverified')).toHaveLength(1)
})

test('a session elsewhere does not exist for a workstation', async () => {
  const { sessionId } = await f.signIn('maria', maria, otherWorkstation)
  const signOut = f.call('session.end', { sessionId, reason: 'sign-out' })
  await expect(signOut).rejects.toThrow('not-found')
})

test('a tap of the owner within the grace time lifts the shield and raises nothing', async () => {
  const session = await f.signIn('maria', maria)
  f.advance(50 * minutes)
  await shield(session)
  const tap = await f.tap('maria')
  expect(tap.session?.sessionId).toBe(session.sessionId)
  const answer = await resume(session.sessionId, tap.tapId)
  expect(answer).toMatchObject({
    outcome: 'signed-in',
    session: {
      assurance: session.assurance,
      tapGraceUntil: session.tapGraceUntil,
      endsAt: session.endsAt,
      inactiveAt: f.now() + 60 * minutes,
    },
  })
  expect(f.eventsOf('session.resumed')[0]?.assurance).toEqual({
    aal: 2,
    verifiedAt: session.assurance.verifiedAt,
  })
})

test('after the grace time a tap alone lifts nothing', async () => {
  const session = await f.signIn('maria', maria)
  for (let n = 0; n < 4; n++) {
    f.advance(30 * minutes)
    await activity(session)
  }
  await shield(session)
  const { tapId } = await f.tap('maria')
  expect(await resume(session.sessionId, tapId)).toEqual({
    outcome: 'refused',
    reason: 'not-verified',
  })
})

test('with a grace time of zero a tap never lifts the shield', async () => {
  const strict = await authorityFixture({ policy: { 'session.tapGrace': 0 } })
  const key = await strict.enrol('maria')
  const { sessionId, tapGraceUntil, assurance } = await strict.signIn('maria', key)
  expect(tapGraceUntil).toBe(assurance.verifiedAt)
  const { tapId } = await strict.tap('maria')
  expect(await strict.call('session.resume', { sessionId, tapId })).toMatchObject({
    reason: 'not-verified',
  })
  await strict.dispose()
})

test("a colleague's tap, an invented, a spent or an old tap lift nothing", async () => {
  const { sessionId } = await f.signIn('maria', maria)
  const colleague = await f.tap('tom')
  expect(await resume(sessionId, colleague.tapId)).toMatchObject({ reason: 'wrong-person' })
  expect(await resume(sessionId, 'invented')).toMatchObject({ reason: 'expired' })
  const tap = await f.tap('maria')
  expect(await resume(sessionId, tap.tapId)).toMatchObject({ outcome: 'signed-in' })
  expect(await resume(sessionId, tap.tapId)).toMatchObject({ reason: 'expired' })
  const old = await f.tap('maria')
  f.advance(2 * minutes)
  expect(await resume(sessionId, old.tapId)).toMatchObject({ reason: 'expired' })
  const witness = await f.tap('maria', { purpose: 'witness' })
  expect(await resume(sessionId, witness.tapId)).toMatchObject({ reason: 'expired' })
})

test('a tap at another workstation lifts nothing here', async () => {
  const { sessionId } = await f.signIn('maria', maria)
  const there = await f.tap('maria', { caller: otherWorkstation })
  expect(await resume(sessionId, there.tapId)).toMatchObject({ reason: 'expired' })
  await expect(resume(sessionId, there.tapId, otherWorkstation)).rejects.toThrow('not-found')
})

test('the tap that led to a sign-in is spent by it', async () => {
  const { ceremony, tapId } = await f.tap('maria')
  const answer = await f.call('session.start', {
    ceremonyId: ceremony.ceremonyId,
    response: maria.assert(ceremony.options),
  })
  if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
  expect(await resume(answer.session.sessionId, tapId)).toMatchObject({ reason: 'expired' })
})

test('of fifty uses of one tap at once exactly one resumes', async () => {
  const { sessionId } = await f.signIn('maria', maria)
  const { tapId } = await f.tap('maria')
  const answers = await Promise.all(Array.from({ length: 50 }, () => resume(sessionId, tapId)))
  expect(answers.filter(({ outcome }) => outcome === 'signed-in')).toHaveLength(1)
})

test.each([
  ['inactivity', 0, 60 * minutes, 'inactivity'],
  ['the hard end', 23, 30 * minutes, 'session-limit'],
] as const)('a session ends by %s, at once and with an event', async (_n, beats, last, reason) => {
  const session = await f.signIn('maria', maria)
  const events = eventsHere()
  for (let n = 0; n < beats; n++) {
    f.advance(30 * minutes)
    await activity(session)
  }
  f.advance(last - 1)
  expect(await f.authority.tick()).toBe(f.now() + 1)
  expect(events).toEqual([])
  f.advance(1)
  await expect(activity(session)).rejects.toThrow('session-ended')
  expect(await f.authority.tick()).toBeNull()
  expect(events).toEqual([
    { seq: 1, type: 'session.ended', sessionId: session.sessionId, reason, moved: null },
  ])
  expect(f.eventsOf('session.ended')[0]?.detail).toEqual({ reason })
  expect(f.revoked).toEqual([session.sessionId])
})

test('behind the shield nobody is active', async () => {
  const session = await f.signIn('maria', maria)
  f.advance(10 * minutes)
  await shield(session)
  f.advance(10 * minutes)
  expect(await activity(session)).toEqual({ inactiveAt: session.inactiveAt })
})

test('setting the wall clock back does not stretch a session, and is recorded', async () => {
  const session = await f.signIn('maria', maria)
  f.jumpWall(-64 * hours)
  await f.authority.tick()
  f.advance(30 * minutes)
  expect(await activity(session)).toEqual({ inactiveAt: session.inactiveAt + 30 * minutes })
  f.advance(60 * minutes)
  await expect(activity(session)).rejects.toThrow('session-ended')
  expect(f.eventsOf('clock.jumped').map(({ detail }) => detail['by'])).toEqual([-64 * hours])
})

test('a sleep longer than a limit ends the session at once, a shorter one counts', async () => {
  const session = await f.signIn('maria', maria)
  f.jumpWall(40 * minutes)
  f.advance(19 * minutes)
  expect(await activity(session)).toEqual({ inactiveAt: session.inactiveAt + 59 * minutes })
  f.jumpWall(60 * minutes)
  await expect(activity(session)).rejects.toThrow('session-ended')
  f.jumpWall(-10 * hours)
  await expect(activity(session)).rejects.toThrow('session-ended')
  await f.authority.tick()
  expect(f.eventsOf('session.ended')).toMatchObject([{ detail: { reason: 'inactivity' } }])
})

test('nothing acts in a session that has ended, and ending it again changes nothing', async () => {
  const session = await f.signIn('maria', maria)
  const { sessionId } = session
  await end(session)
  const recorded = f.records.length
  await end(session)
  expect(f.records).toHaveLength(recorded)
  const { tapId } = await f.tap('maria')
  await expect(activity(session)).rejects.toThrow('session-ended')
  await expect(shield(session)).rejects.toThrow('session-ended')
  await expect(resume(sessionId, tapId)).rejects.toThrow('session-ended')
  await expect(f.call('passkeys.list', { sessionId })).rejects.toThrow('session-ended')
  await expect(f.call('enrolment.begin', { code: null, sessionId })).rejects.toThrow(
    'session-ended',
  )
  await expect(f.call('review.list', { sessionId })).rejects.toThrow('session-ended')
})

test('that a slot was not cleared is a serious record', async () => {
  const session = await f.signIn('maria', maria)
  await end(session)
  await f.call('session.cleared', { sessionId: session.sessionId, verified: false })
  expect(f.records.at(-1)).toMatchObject({ event: 'session.cleared', outcome: 8 })
})

test('a restart ends the sessions of its own workstation and of no other', async () => {
  const here = await f.signIn('maria', maria)
  const there = await f.signIn('tom', await f.enrol('tom'), otherWorkstation)
  await f.restart()
  await expect(activity(here)).rejects.toThrow('session-ended')
  await f.call('session.activity', { sessionId: there.sessionId }, otherWorkstation)
  expect(f.eventsOf('session.ended').map(({ detail }) => detail['reason'])).toEqual([
    'agent-restart',
  ])
})

test('signing out wins even when the log takes no record: the caller hears it, nothing acts', async () => {
  const session = await f.signIn('maria', maria)
  f.breakLog(new Error('no space'))
  await expect(end(session)).rejects.toThrow('log-unavailable')
  await expect(activity(session)).rejects.toThrow('session-ended')
  f.breakLog(null)
  await f.authority.tick()
  await expect(activity(session)).rejects.toThrow('session-ended')
  expect(f.eventsOf('session.ended')).toMatchObject([{ detail: { reason: 'sign-out' } }])
  expect(f.revoked).toEqual([session.sessionId])
})

test('a sign-out that was not recorded is recorded before the next sign-in', async () => {
  const before = await f.signIn('maria', maria)
  f.breakLog(new Error('no space'))
  await expect(end(before)).rejects.toThrow('log-unavailable')
  f.breakLog(null)
  const after = await f.signIn('maria', maria)
  expect(after.sessionId).not.toBe(before.sessionId)
})
