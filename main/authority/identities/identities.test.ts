import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import { engineOf } from '../../store/engine.ts'
import { badgeTag } from './badge-tag.ts'

let f: AuthorityFixture
let people: ReturnType<typeof staff>[]
beforeEach(async () => {
  people = [
    staff('maria'),
    staff('tom', { badges: ['badge-tom', 'badge-shared'] }),
    staff('ida', { badges: ['badge-shared'] }),
  ]
  f = await authorityFixture({ people })
})
afterEach(() => f.dispose())

const key = new Uint8Array(32).fill(7)
const identify = (badge: string, tapId = `tap-of-${badge}`) =>
  f.call('tap.identify', { tapId, badge, reader: 'test', purpose: 'sign-in' })

async function detach(person: string, badge: string) {
  const { sessionId } = await f.signIn(person, await f.enrol(person))
  const { badges } = await f.call('badges.list', { sessionId })
  const short = badgeTag({ key }, badge).slice(0, 6)
  const cardId = badges.find(({ tag }) => tag === short)?.cardId ?? 'none'
  await f.call('badge.detach', { sessionId, cardId })
}

test('the tag is an HMAC over a versioned label and the canonical identity', () => {
  const expected = createHmac('sha256', key).update('badge-v1|125khz|H10301|26|1|2').digest('hex')
  expect(badgeTag({ key }, '125khz|H10301|26|1|2')).toBe(expected)
  expect(badgeTag({ key: new Uint8Array(32) }, '125khz|H10301|26|1|2')).not.toBe(expected)
})

test('unknown, detached and conflicting badges answer alike; only the record tells them apart', async () => {
  await detach('tom', 'badge-tom')
  const before = f.records.length
  const badges = ['badge-nobody', 'badge-tom', 'badge-shared']
  const answers = await Promise.all(badges.map((badge) => identify(badge)))
  expect(answers).toEqual([{ outcome: 'refused' }, { outcome: 'refused' }, { outcome: 'refused' }])
  const refused = f.records.slice(before)
  expect(refused.map(({ event }) => event)).toEqual(Array(3).fill('badge.refused'))
  expect(new Set(refused.map(({ detail }) => detail['cause']))).toEqual(
    new Set(['conflicting', 'detached', 'unknown']),
  )
  expect(new Set(refused.map(({ actor }) => actor))).toEqual(new Set([null]))
})

test('no record and no table holds a badge number', async () => {
  const own = 'ISO14443A|RAW|56|04a1b2c3d4e5f6'
  await identify('badge-maria', 'tap-1')
  await identify('badge-nobody', 'tap-2')
  const mariaKey = await f.enrol('maria')
  const maria = await f.signIn('maria', mariaKey)
  const tom = await f.signIn('tom', await f.enrol('tom'), otherWorkstation)
  await f.addBadge(maria, mariaKey, own, { kind: 'loaner' })
  const claim = { sessionId: tom.sessionId, tapId: 't', badge: own, refusedAtEnrolment: null }
  await f.call('badge.begin', claim, otherWorkstation)
  const { badges } = await f.call('badges.list', { sessionId: maria.sessionId })
  for (const { cardId } of badges)
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
  await identify(own, 'tap-3')
  await f.call('readers.test', { sessionId: maria.sessionId, badge: own })

  const listed =
    engineOf(f.db.read) === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_master where type = 'table'`
      : sql<{ name: string }>`
          select tablename as name from pg_tables where schemaname = current_schema()`
  const { rows: tables } = await listed.execute(f.db.read)
  const kept: Record<string, unknown[]> = { records: f.records }
  for (const { name } of tables)
    kept[name] = (await sql`select * from ${sql.table(name)}`.execute(f.db.read)).rows
  for (const name of ['badges', 'badge_enrolments', 'notices', 'taps'])
    expect(kept[name]?.length).toBeGreaterThan(0)
  for (const number of ['badge-maria', 'badge-nobody', 'badge-tom', own, '04a1b2c3d4e5f6'])
    expect(JSON.stringify(kept)).not.toContain(number)
  const tag = badgeTag({ key }, 'badge-maria')
  expect(JSON.stringify(kept['badges'])).toContain(tag)
  expect(f.eventsOf('badge.identified')[0]?.detail['tag']).toBe(tag.slice(0, 6))
})

test('an identified badge shows the short form of the name and brings a challenge', async () => {
  const answer = await identify('badge-maria')
  expect(answer).toMatchObject({
    outcome: 'identified',
    person: { personId: 'maria', label: 'Maria E.', initials: 'ME' },
    session: null,
    passkey: false,
    ceremony: { options: { rpId: 'lanyard.example', userVerification: 'required' } },
  })
  expect(Object.keys(answer.outcome === 'identified' ? answer.person : {}).toSorted()).toEqual([
    'initials',
    'label',
    'personId',
  ])
})

test('the challenge after a tap asks for the active passkeys of that person only', async () => {
  const one = await f.enrol('maria')
  await f.enrol('tom')
  const answer = await f.tap('maria')
  expect(answer.passkey).toBe(true)
  expect(answer.ceremony.options).toMatchObject({
    allowCredentials: [{ id: one.id, type: 'public-key', transports: ['usb'] }],
  })
})

test('the same tap cannot be reported twice', async () => {
  await identify('badge-maria', 'tap-1')
  await expect(identify('badge-maria', 'tap-1')).rejects.toThrow('conflict')
  const elsewhere = await f.call(
    'tap.identify',
    { tapId: 'tap-1', badge: 'badge-maria', reader: 'test', purpose: 'sign-in' },
    otherWorkstation,
  )
  expect(elsewhere.outcome).toBe('identified')
})

test('loading the seed again changes nothing and records nothing', async () => {
  const tables = async () => ({
    people: await f.db.read.selectFrom('people').selectAll().execute(),
    badges: await f.db.read.selectFrom('badges').selectAll().execute(),
    codes: await f.db.read.selectFrom('enrolment_codes').selectAll().execute(),
  })
  const before = await tables()
  const recorded = f.records.length
  f.advance(60_000)
  await f.restart()
  expect(await tables()).toEqual(before)
  expect(f.records.slice(recorded).map(({ event }) => event)).toEqual(['authority.started'])
})

test('a report of the workstation is recorded under a name from the list', async () => {
  await f.call('workstation.report', { event: 'reader-missing', detail: { reader: 'A' } })
  expect(f.records.at(-1)).toMatchObject({
    event: 'reader.changed',
    workstation: 'ws-1',
    detail: { event: 'reader-missing', reader: 'A' },
  })
  await f.call('workstation.report', { event: 'reader-failing', detail: { reader: 'A' } })
  expect(f.records.at(-1)).toMatchObject({
    event: 'reader.failing',
    detail: { event: 'reader-failing' },
  })
})

test('a directory cannot give a card of the stock of loaners to anybody', async () => {
  const card = 'WIEGAND|H10301|26|17|54021'
  const mariaKey = await f.enrol('maria')
  const maria = await f.signIn('maria', mariaKey)
  await f.addBadge(maria, mariaKey, card, { kind: 'loaner' })
  people.push(staff('otto', { badges: [card] }))
  await f.restart()
  expect(f.records.at(-1)).toMatchObject({ event: 'enrolment.code-issued', actor: 'otto' })
  expect(f.eventsOf('badge.enrolment-refused')).toMatchObject([
    { outcome: 4, actor: 'otto', detail: { reason: 'loaner-only', by: 'directory' } },
  ])
  expect(await identify(card)).toMatchObject({ person: { personId: 'maria' } })
})

test('hello lists the live sessions of this workstation and nobody else', async () => {
  const key1 = await f.enrol('maria')
  const session = await f.signIn('maria', key1)
  const hello = await f.call('agent.hello', { protocol: 1, afterSeq: 0 })
  expect(hello.sessions.map(({ sessionId }) => sessionId)).toEqual([session.sessionId])
  const other = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, otherWorkstation)
  expect(other.sessions).toEqual([])
})
