import { afterEach, expect, test } from 'vitest'
import { otherWorkstation, staff } from '../../test/support/authority.ts'
import { type House, houseFixture } from '../../test/support/offline.ts'
import type { Dishonesty } from '../../test/support/passkey.ts'

let house: House | null = null
afterEach(async () => {
  await house?.dispose()
  house = null
})

/** Maria and Tom have been here; the workstation has their bundle, and the line is up. */
async function wardAtWork(options: Parameters<typeof houseFixture>[0] = {}) {
  const opened = await houseFixture(options)
  house = opened
  const { fixture, line } = opened
  const maria = await fixture.enrol('maria')
  const tom = await fixture.enrol('tom')
  await fixture.tap('maria')
  await fixture.tap('tom')
  const seat = await opened.openSeat()
  await line.mend()
  await seat.online()
  await seat.station.refresh((call, params) => line.call(call, params), fixture.now())
  return { house: opened, fixture, line, seat, maria, tom }
}

test('whoever was here lately signs in while the authority cannot be reached, and the session is adopted', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  const alone = await seat.offline()
  expect(alone.offline).toMatchObject({ people: 2 })
  const session = await seat.signIn('maria', maria)
  expect(session.assurance.aal).toBe(2)

  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions.map(({ sessionId }) => sessionId)).toEqual([session.sessionId])
  expect(hello.sessions[0]?.assurance).toMatchObject({ aal: 2, amr: ['hwk', 'user', 'mfa'] })
  expect(seat.events).toEqual([])
  expect(fixture.eventsOf('offline.conflict')).toEqual([])
  expect(fixture.eventsOf('offline.reconciled')).toMatchObject([
    { outcome: 0, detail: { adopted: 1, ended: 0, conflicts: 0 } },
  ])
  await expect(seat.station.pending()).resolves.toBe(false)
})

test('whoever signs in for the first time at a workstation can do so alone from then on', async () => {
  const { line, fixture, seat } = await wardAtWork({
    people: [staff('maria'), staff('tom'), staff('ada')],
  })
  const ada = await fixture.enrol('ada')
  const { sessionId } = await seat.signIn('ada', ada)
  await seat.client.call('session.end', { sessionId, reason: 'sign-out' })
  await expect.poll(() => seat.station.bundle?.bundle.people.length).toBe(3)
  line.cut()
  await seat.offline()
  const session = await seat.signIn('ada', ada)
  expect(session.person.personId).toBe('ada')
})

test('what happened alone is on record in its order, marked, with its own time', async () => {
  const { house, fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  fixture.advance(60_000)
  const at = fixture.now()
  const { sessionId } = await seat.signIn('maria', maria)
  fixture.advance(60_000)
  await seat.client.call('session.end', { sessionId, reason: 'sign-out' })
  fixture.advance(3_600_000)
  await line.mend()
  await seat.online()
  expect(house.recordsOffline().map(({ event }) => event)).toEqual([
    'offline.began',
    'badge.identified',
    'session.started',
    'session.ended',
    'offline.ended',
  ])
  expect(house.recordsOffline()[2]).toMatchObject({
    actor: 'maria',
    session: sessionId,
    detail: { offline: true, at },
  })
  expect(fixture.eventsOf('offline.reconciled')).toMatchObject([
    { detail: { adopted: 0, ended: 1, conflicts: 0 } },
  ])
})

test('a session that was live goes on, is covered and uncovered here, and is the same afterwards', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  const { sessionId } = await seat.signIn('maria', maria)
  line.cut()
  const alone = await seat.offline()
  expect(alone.sessions.map((view) => view.sessionId)).toEqual([sessionId])
  await seat.client.call('session.shield', { sessionId, reason: 'lock' })
  fixture.advance(60_000)
  const { tapId } = await seat.tap('maria')
  const resumed = await seat.client.call('session.resume', { sessionId, tapId })
  expect(resumed.outcome).toBe('signed-in')
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions.map((view) => view.sessionId)).toEqual([sessionId])
  expect(hello.sessions[0]?.assurance.verifiedAt).toBe(alone.sessions[0]?.assurance.verifiedAt)
})

test('a connection that comes back within the grace is no time alone; calls wait for it', async () => {
  const { line, house } = await wardAtWork()
  const seat = await house.openSeat({ directory: `${house.directory}/other` }, { grace: 60_000 })
  await line.mend()
  await seat.online()
  line.cut()
  const waits = seat.client.call('workstation.report', { event: 'reader-ready', detail: {} })
  await line.mend()
  await expect(waits).resolves.toEqual({})
  expect(seat.hellos.every((one) => one !== 'offline' && one.offline === null)).toBe(true)
})

test('whoever is in no bundle is refused like any unknown badge', async () => {
  const { fixture, line, seat } = await wardAtWork()
  await fixture.tap('maria', { caller: otherWorkstation })
  line.cut()
  await seat.offline()
  const params = { tapId: 't', badge: 'badge-stranger', reader: 'r', purpose: 'sign-in' } as const
  await expect(seat.client.call('tap.identify', params)).resolves.toEqual({ outcome: 'refused' })
})

test('nobody gets in by an expired bundle, but a witness can still vouch', async () => {
  const { house, fixture, line, seat, maria, tom } = await wardAtWork()
  line.cut()
  await seat.offline()
  fixture.advance(12 * 3_600_000 + 1)
  const identified = await seat.tap('maria')
  expect(identified.passkey).toBe(false)
  const { ceremony, tapId } = identified
  const start = { ceremonyId: ceremony.ceremonyId, response: maria.assert(ceremony.options) }
  await expect(seat.client.call('session.start', start)).resolves.toEqual({
    outcome: 'refused',
    reason: 'expired',
  })
  const asked = await seat.client.call('fallback.request', {
    tapId,
    reason: 'key-lost',
    note: 'The key is at home today.',
  })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const witness = await seat.tap('tom', 'witness')
  expect(witness.passkey).toBe(true)
  const approved = await seat.client.call('fallback.approve', {
    requestId: asked.requestId,
    ceremonyId: witness.ceremony.ceremonyId,
    response: tom.assert(witness.ceremony.options),
  })
  if (approved.outcome !== 'signed-in') throw new Error(approved.outcome)
  expect(approved.session).toMatchObject({ kind: 'fallback', scope: 'reduced' })

  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toMatchObject([
    { sessionId: approved.session.sessionId, kind: 'fallback', witness: 'Tom E.' },
  ])
  const cases = await fixture.db.read.selectFrom('review_cases').selectAll().execute()
  expect(cases).toMatchObject([
    { person_id: 'maria', witness_id: 'tom', kind: 'fallback', verdict: null },
  ])
  expect(house.recordsOffline().map(({ event }) => event)).toContain('fallback.approved')
})

test('a session of somebody who was shut out meanwhile ends, on record', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const { sessionId } = await seat.signIn('maria', maria)
  await fixture.db.write((tx) =>
    tx
      .updateTable('people')
      .set({ disabled_at: fixture.now() })
      .where('person_id', '=', 'maria')
      .execute(),
  )
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toEqual([])
  expect(seat.events).toMatchObject([
    { type: 'session.ended', sessionId, reason: 'offline-conflict' },
  ])
  expect(fixture.eventsOf('offline.conflict')).toMatchObject([
    { session: sessionId, detail: { cause: 'person-disabled' } },
  ])
})

test('a passkey that was revoked meanwhile carries no session on', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  await seat.signIn('maria', maria)
  await fixture.db.write((tx) =>
    tx.updateTable('passkeys').set({ revoked_at: 1 }).where('passkey_id', '=', maria.id).execute(),
  )
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toEqual([])
  expect(fixture.eventsOf('offline.conflict')).toMatchObject([
    { detail: { cause: 'passkey-revoked' } },
  ])
})

test('a session that was live here and moved meanwhile ends here', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  const { sessionId } = await seat.signIn('maria', maria)
  line.cut()
  await seat.offline()
  await seat.client.call('session.shield', { sessionId, reason: 'lock' })
  const there = await fixture.signIn('maria', maria, otherWorkstation)
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toEqual([])
  expect(seat.events).toMatchObject([{ type: 'session.ended', sessionId, reason: 'moved' }])
  const open = await fixture.db.read
    .selectFrom('sessions')
    .select('session_id')
    .where('ended_at', 'is', null)
    .execute()
  expect(open).toEqual([{ session_id: there.sessionId }])
})

test('of two sessions of one person, the one that was proven last stays', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const here = await seat.signIn('maria', maria)
  fixture.advance(1_000)
  const there = await fixture.signIn('maria', maria, otherWorkstation)
  await line.mend()
  await seat.online()
  expect(seat.events).toMatchObject([
    { type: 'session.ended', sessionId: here.sessionId, reason: 'offline-conflict' },
  ])
  line.cut()
  await seat.offline()
  fixture.advance(1_000)
  const again = await seat.signIn('maria', maria)
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions.map(({ sessionId }) => sessionId)).toEqual([again.sessionId])
  const row = await fixture.db.read
    .selectFrom('sessions')
    .select(['ended_at', 'end_reason'])
    .where('session_id', '=', there.sessionId)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ end_reason: 'moved' })
})

test('a session that ran out at the authority meanwhile is not revived', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  const { sessionId } = await seat.signIn('maria', maria)
  line.cut()
  await seat.offline()
  for (let minutes = 0; minutes < 80; minutes += 20) {
    fixture.advance(20 * 60_000)
    await seat.client.call('session.activity', { sessionId })
  }
  await fixture.authority.tick()
  await line.mend()
  await expect(seat.online()).resolves.toMatchObject({ sessions: [] })
})

test('without a bundle the screen says that there is no authority', async () => {
  house = await houseFixture({ policy: { 'offline.life': 0 } })
  const seat = await house.openSeat()
  await house.line.mend()
  await seat.online()
  house.line.cut()
  await expect.poll(() => seat.hellos.at(-1)).toBe('offline')
  await expect(seat.tap('maria')).rejects.toMatchObject({ code: 'unreachable' })
})

test('what needs the authority says so, and what it must hear is kept for it', async () => {
  const { line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const { sessionId } = await seat.signIn('maria', maria)
  for (const refused of [
    seat.client.call('launch.create', { sessionId, application: 'ehr' }),
    seat.client.call('passkeys.list', { sessionId }),
    seat.client.call('enrolment.begin', { code: 'CODE-MARIA', sessionId: null }),
    seat.client.call('session.cleared', { sessionId: 'elsewhere', verified: true }),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'unreachable' })
})

test('failed attempts alone are not forgotten for a connection in between', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  const { 'passkey.attempts': limit } = fixture.policy
  const attempt = async (lie: Dishonesty) => {
    const { ceremony } = await seat.tap('maria')
    const response = maria.assert(ceremony.options, lie)
    const answer = await seat.client.call('session.start', {
      ceremonyId: ceremony.ceremonyId,
      response,
    })
    return answer.outcome === 'refused' ? answer.reason : answer.outcome
  }
  for (let n = 0; n < limit; n += 1) {
    line.cut()
    await seat.offline()
    expect(await attempt({ origin: 'https://elsewhere.example' })).toBe('invalid')
    await line.mend()
    await seat.online()
  }
  line.cut()
  await seat.offline()
  expect(await attempt({})).toBe('locked-out')
  await line.mend()
  await seat.online()
  // The house saw none of it itself.
  expect(await attempt({})).toBe('signed-in')
  expect(fixture.eventsOf('offline.locked-out')).toHaveLength(1)
})

test('a cut in the middle of bringing back loses nothing and brings nothing twice', async () => {
  const { house, fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const { sessionId } = await seat.signIn('maria', maria)
  for (let times = 1; times <= 4; times++) {
    line.cutAfter('offline.reconcile', times)
    await line.mend()
    await expect.poll(() => seat.troubles.length).toBeGreaterThanOrEqual(times)
    await seat.offline()
  }
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions.map((view) => view.sessionId)).toEqual([sessionId])
  const started = house.recordsOffline().filter(({ event }) => event === 'session.started')
  expect(started).toHaveLength(1)
  const entries = await fixture.db.read.selectFrom('offline_entries').selectAll().execute()
  expect(entries.length).toBeGreaterThan(3)
})

test('a workstation that restarts offline ends its sessions, keeps its counters, and brings all of it back', async () => {
  const { house, fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const { sessionId } = await seat.signIn('maria', maria)
  await seat.dispose()

  const after = await house.openSeat()
  const alone = await after.offline()
  expect(alone.sessions).toEqual([])
  const { ceremony } = await after.tap('maria')
  const old = { counter: 1 }
  await expect(
    after.client.call('session.start', {
      ceremonyId: ceremony.ceremonyId,
      response: maria.assert(ceremony.options, old),
    }),
  ).resolves.toMatchObject({ outcome: 'refused', reason: 'invalid' })
  const again = await after.signIn('maria', maria)
  await line.mend()
  const hello = await after.online()
  expect(hello.sessions.map((view) => view.sessionId)).toEqual([again.sessionId])
  const row = await fixture.db.read
    .selectFrom('sessions')
    .select('end_reason')
    .where('session_id', '=', sessionId)
    .executeTakeFirstOrThrow()
  expect(row.end_reason).toBe('agent-restart')
})

test('a workstation that was taken out of service answers nothing by itself, however it hears of it', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  await seat.signIn('maria', maria)
  seat.client.shutOut()
  await expect.poll(() => seat.hellos.at(-1)).toBe('offline')
  expect(seat.client.alone).toBe(false)
  expect(seat.station.bundle).toBeNull()
  await expect(seat.tap('maria')).rejects.toMatchObject({ code: 'unreachable' })

  // Taken back, it brings what it did, and may answer by itself again with a new bundle.
  await line.mend()
  await seat.online()
  expect(fixture.eventsOf('offline.reconciled')).toHaveLength(1)
  await expect.poll(() => seat.station.bundle).not.toBeNull()
  line.cut()
  await seat.offline()
  expect(seat.client.alone).toBe(true)
})

test('breaking the glass alone stands afterwards, with its review, on a passkey of its own', async () => {
  const { fixture, line, seat, maria } = await wardAtWork()
  line.cut()
  await seat.offline()
  const { sessionId, person } = await seat.signIn('maria', maria)
  const { ceremonyId, options } = await seat.client.call('passkey.challenge', {
    purpose: 'override',
    personId: person.personId,
  })
  const granted = await seat.client.call('override.start', {
    sessionId,
    patient: 'P-7',
    reason: 'emergency-treatment',
    note: 'Nobody else is on the ward now.',
    ceremonyId,
    response: maria.assert(options),
  })
  if (granted.outcome !== 'granted') throw new Error(granted.outcome)
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toMatchObject([{ sessionId, override: { patient: 'P-7' } }])
  const cases = await fixture.db.read.selectFrom('review_cases').selectAll().execute()
  expect(cases).toMatchObject([{ kind: 'override', person_id: 'maria', patient: 'P-7' }])
})
