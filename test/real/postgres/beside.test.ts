import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { lockOf } from '../../../main/authority/locks.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../support/authority.ts'
import type { SoftwarePasskey } from '../../support/passkey.ts'
import { newSchema } from './schema.ts'

/** Everyday calls while somebody else's write is still under way somewhere else in the house. */
let place: ReturnType<typeof newSchema>
let f: AuthorityFixture
let key: SoftwarePasskey
beforeEach(async () => {
  place = newSchema(inject('postgres'))
  const db = await openPostgres(place.session)
  f = await authorityFixture({
    people: [staff('maria'), staff('tom')],
    policy: { 'roaming.tapGrace': 3_600_000 },
    guard: () => ({ db, state: () => 'held' }),
  })
  key = await f.enrol('maria')
})
afterEach(async () => {
  await f.dispose()
  await place.drop()
})

/** Locks that nobody here asks for, or those that are named, until it is told to end. */
async function underWay(who = { personId: 'tom', workstationId: 'ws-9' }) {
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const written = f.db.write(async (tx) => {
    await tx.selectFrom('people').select('person_id').limit(1).execute()
    begun.resolve()
    await end.promise
  }, lockOf(who))
  await begun.promise
  return async () => {
    end.resolve()
    await written
  }
}

test('of a session at its seat: all of them go on beside it', async () => {
  const { sessionId } = await f.signIn('maria', key)
  const { tapId } = await f.tap('maria')
  const finish = await underWay()
  await f.call('session.activity', { sessionId })
  await f.call('session.shield', { sessionId, reason: 'lock', by: null })
  expect(await f.call('session.resume', { sessionId, tapId })).toMatchObject({
    outcome: 'signed-in',
  })
  await f.call('session.end', { sessionId, reason: 'sign-out' })
  await finish()
})

test('of a session that follows its person by a tap', async () => {
  await f.signIn('maria', key)
  const { tapId } = await f.tap('maria', { caller: otherWorkstation })
  const finish = await underWay()
  expect(await f.call('session.take', { tapId }, otherWorkstation)).toMatchObject({
    outcome: 'signed-in',
  })
  await finish()
})

test('of an unknown badge, a challenge for anybody, and what the agent reports of a tap', async () => {
  const finish = await underWay()
  const tapId = randomBytes(8).toString('hex')
  const tap = { tapId, badge: 'badge-unknown', reader: 'test', purpose: 'sign-in' } as const
  expect(await f.call('tap.identify', tap)).toEqual({ outcome: 'refused' })
  await f.call('passkey.challenge', { purpose: 'sign-in', personId: null })
  await f.call('workstation.report', { event: 'tap-timed', detail: {} })
  await finish()
})

test('a session does not end while somebody still decides about its person', async () => {
  const { sessionId } = await f.signIn('maria', key)
  const finish = await underWay({ personId: 'maria', workstationId: 'ws-9' })
  let ended = false
  const ending = f.call('session.end', { sessionId, reason: 'sign-out' }).then(() => (ended = true))
  // At its own workstation everything waits for the end that was asked for first.
  await f.call('workstation.report', { event: 'tap-timed', detail: {} }, otherWorkstation)
  expect(ended).toBe(false)
  await finish()
  expect(await ending).toBe(true)
})

test('of people whom another node holds up: nobody else waits with them', async () => {
  const other = await openPostgres({ ...place.session, poolSize: 4 })
  const end = Promise.withResolvers<void>()
  const names = ['a', 'b', 'c', 'd'].map((one) => `person:${one}`)
  const begun = Promise.withResolvers<void>()
  const holding = other.write(
    async (tx) => {
      await tx.selectFrom('people').select('person_id').limit(1).execute()
      begun.resolve()
      await end.promise
    },
    { lock: names },
  )
  await begun.promise
  let waited = 0
  const write = (lock: string) =>
    f.db.write((tx) => tx.selectFrom('people').select('person_id').execute(), { lock: [lock] })
  const held = names.map((name) => write(name).finally(() => (waited += 1)))
  // Two waves: those that come together with the held ones, and those that find them waiting.
  for (let wave = 0; wave < 2; wave += 1)
    await Promise.all(Array.from({ length: 20 }, (_, n) => write(`person:free-${n}`)))
  // The held ones would have given up after the lock's own time.
  expect(waited).toBe(0)
  end.resolve()
  await Promise.all([holding, ...held])
  await other.close()
})
