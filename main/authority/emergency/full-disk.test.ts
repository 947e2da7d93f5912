import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import { type SmallDisk, smallDisk } from '../../../test/support/small-disk.ts'
import type { AuthorityEvent } from '../protocol/index.ts'

let disk: SmallDisk
let f: AuthorityFixture
let maria: SoftwarePasskey
let rosa: SoftwarePasskey
beforeEach(async () => {
  disk = smallDisk(1000)
  f = await authorityFixture({
    people: [staff('maria'), staff('rosa', { role: 'charge-nurse' })],
    guard: (db) => disk.guard(db),
  })
  maria = await f.enrol('maria')
  rosa = await f.enrol('rosa')
})
afterEach(() => f.dispose())

const note = 'Key fell into the sharps bin.'
async function witnessed() {
  const { tapId } = await f.tap('maria')
  const asked = await f.call('fallback.request', { tapId, reason: 'key-broken', note })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const { ceremony } = await f.tap('rosa', { purpose: 'witness' })
  const answer = await f.call('fallback.approve', {
    requestId: asked.requestId,
    ceremonyId: ceremony.ceremonyId,
    response: rosa.assert(ceremony.options),
  })
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer.session
}

test('on a full disk nobody signs in the ordinary way, and a witnessed access goes on', async () => {
  disk.room = 0
  await expect(f.signIn('maria', maria)).rejects.toThrow('store-full')
  const session = await witnessed()
  expect(session).toMatchObject({ kind: 'fallback', scope: 'reduced' })
  await f.call('session.activity', { sessionId: session.sessionId })
  await f.call('session.shield', { sessionId: session.sessionId, reason: 'inactivity' })
  const { tapId } = await f.tap('maria')
  const resumed = await f.call('session.resume', { sessionId: session.sessionId, tapId })
  expect(resumed.outcome).toBe('signed-in')
  await expect(f.signIn('rosa', rosa)).rejects.toThrow('store-full')
  await f.call('session.end', { sessionId: session.sessionId, reason: 'sign-out' })
  expect(f.eventsOf('fallback.ended')).toHaveLength(1)
})

test('an override goes on, and its session is then kept going, too', async () => {
  const { sessionId } = await f.signIn('maria', maria)
  disk.room = 0
  await expect(f.call('session.activity', { sessionId })).rejects.toThrow('store-full')
  const ceremony = await f.call('passkey.challenge', {
    purpose: 'override',
    personId: 'maria',
  })
  const granted = await f.call('override.start', {
    sessionId,
    patient: 'P-9',
    reason: 'emergency-treatment',
    note: 'Unknown patient, unconscious.',
    ceremonyId: ceremony.ceremonyId,
    response: maria.assert(ceremony.options),
  })
  if (granted.outcome !== 'granted') throw new Error(granted.outcome)
  await f.call('session.activity', { sessionId })
  const { overrideId } = granted.override
  await f.call('override.end', { sessionId, overrideId })
  await expect(f.call('session.activity', { sessionId })).rejects.toThrow('store-full')
})

test('what has run out ends on a full disk, said once to the workstation', async () => {
  const { sessionId } = await f.signIn('maria', maria)
  const events: AuthorityEvent[] = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => events.push(event))
  disk.room = 0
  f.advance(61 * 60_000)
  await f.authority.tick()
  expect(events).toMatchObject([{ type: 'session.ended', sessionId, reason: 'inactivity' }])
})

test('badges that nobody knows and challenges for sign-in take nothing of the reserve', async () => {
  disk.room = 0
  const stranger = { tapId: 'tap-1', badge: 'badge-nobody', reader: 'test', purpose: 'sign-in' }
  await expect(f.call('tap.identify', stranger as never)).rejects.toThrow('store-full')
  const challenge = { purpose: 'sign-in', personId: null } as const
  await expect(f.call('passkey.challenge', challenge)).rejects.toThrow('store-full')
  expect(disk.changes).toEqual([])
})

test('opening the reserve and holding it again are in the log', async () => {
  disk.room = 0
  await witnessed()
  await f.authority.tick()
  expect(f.eventsOf('store.reserve-opened')).toMatchObject([
    { outcome: 8, workstation: f.here.workstation.id },
  ])
  disk.room = 1000
  await f.signIn('maria', maria)
  await f.authority.tick()
  await f.authority.tick()
  expect(disk.changes).toEqual(['open', 'held'])
  expect(f.eventsOf('store.reserve-held')).toHaveLength(1)
  expect(f.eventsOf('store.reserve-opened')).toHaveLength(1)
})

test('the authority starts on a full disk', async () => {
  disk.room = 0
  await f.restart()
  expect((await witnessed()).kind).toBe('fallback')
})
