import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import { createPasskey, type SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { AuthorityEvent, SessionView } from '../protocol/index.ts'

const card = 'WIEGAND|H10301|26|17|54021'
const minutes = 60_000

let f: AuthorityFixture
let mariaKey: SoftwarePasskey
let tomKey: SoftwarePasskey
let maria: SessionView
let tom: SessionView
beforeEach(async () => {
  f = await authorityFixture({ policy: { 'badge.walkTime': 0 } })
  mariaKey = await f.enrol('maria')
  tomKey = await f.enrol('tom')
  maria = await f.signIn('maria', mariaKey)
  tom = await f.signIn('tom', tomKey, otherWorkstation)
  f.advance(1_000)
})
afterEach(() => f.dispose())

const shown = async (caller = f.here) => {
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
  return sessions.flatMap(({ notices }) => notices)
}
const kinds = async (caller = f.here) => (await shown(caller)).map(({ kind }) => kind)
const answer = (
  noticeId: string | undefined,
  verdict: 'seen' | 'disputed',
  { sessionId } = maria,
  caller = f.here,
) => f.call('notice.answer', { sessionId, noticeId: noticeId ?? 'none', answer: verdict }, caller)
const claim = async () => {
  const params = { sessionId: tom.sessionId, tapId: 't', badge: card, refusedAtEnrolment: null }
  return f.call('badge.begin', params, otherWorkstation)
}
const add = async (badge = card) => {
  const added = await f.addBadge(maria, mariaKey, badge)
  if (added.outcome !== 'assigned') throw new Error(added.reason)
  return added.badge
}
const again = async () => {
  maria = await f.signIn('maria', mariaKey)
}
let taps = 0
const identify = async (badge: string) => {
  const tapId = `tap-${(taps += 1)}`
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
  return (await f.call('tap.identify', params)).outcome
}
/** A second passkey of Maria's, enrolled in her session. */
async function enrolHere(session = maria, caller = f.here) {
  const begun = await f.call(
    'enrolment.begin',
    { code: null, sessionId: session.sessionId },
    caller,
  )
  if (begun.outcome !== 'begun') throw new Error(begun.reason)
  const key = createPasskey({ rpId: 'lanyard.example' })
  await f.call(
    'enrolment.finish',
    { enrolmentId: begun.enrolmentId, response: key.register(begun.options), name: 'Second' },
    caller,
  )
  return key
}

test('the session in which a badge was added is told once its person has verified anew', async () => {
  await add()
  expect(await kinds()).toEqual([])
  f.advance(1)
  await again()
  expect(maria.notices).toMatchObject([
    { kind: 'badge-added', where: 'Ward 3', at: f.now() - 1 },
    {},
  ])
})

test('the live session of the person is told at once, wherever it went', async () => {
  await add()
  const away = await f.signIn('maria', mariaKey, otherWorkstation)
  const heard: AuthorityEvent[] = []
  f.authority.events.subscribe(otherWorkstation.workstation.id, (event) => heard.push(event))
  f.advance(1)
  await claim()
  expect(heard).toMatchObject([
    {
      type: 'session.changed',
      session: { sessionId: away.sessionId, notices: [{ kind: 'badge-claimed' }, {}, {}] },
    },
  ])
})

test('whoever finds a session open cannot wave away what they did in it', async () => {
  const { badges } = await f.call('badges.list', { sessionId: maria.sessionId })
  await f.call('badge.detach', { sessionId: maria.sessionId, cardId: badges[0]?.cardId ?? 'none' })
  const row = await f.db.read
    .selectFrom('notices')
    .selectAll()
    .where('kind', '=', 'badge-detached')
    .executeTakeFirstOrThrow()
  await expect(answer(row.notice_id, 'seen')).rejects.toThrow('not-found')
})

test('a first passkey is no news to the session that begins with it, and is to the next', async () => {
  expect(maria.notices).toEqual([])
  await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
  await again()
  expect(maria.notices).toMatchObject([{ kind: 'passkey-added', where: 'Ward 3' }])
})

test('a passkey that somebody enrols with a code is told to the sessions of its person', async () => {
  await f.db.write((tx) => tx.updateTable('enrolment_codes').set({ used_at: null }).execute())
  const stranger = await f.enrol('maria')
  expect(await kinds()).toEqual(['passkey-added'])
  expect((await shown())[0]?.where).toBe('Ward 3')
  const session = await f.signIn('maria', stranger, otherWorkstation)
  expect(session.notices.map(({ kind }) => kind)).toEqual(['passkey-added'])
})

test('to dispute a badge detaches it, and the record says so', async () => {
  const badge = await add()
  f.advance(1)
  await again()
  const notice = maria.notices.find(({ kind }) => kind === 'badge-added')
  await answer(notice?.noticeId, 'disputed')
  expect(await identify(card)).toBe('refused')
  expect(f.records.filter(({ event }) => /^(badge.detached|notice)/.test(event))).toMatchObject([
    { event: 'badge.detached', detail: { card: badge.cardId, because: 'disputed' } },
    {
      event: 'notice.answered',
      outcome: 8,
      actor: 'maria',
      session: maria.sessionId,
      detail: { kind: 'badge-added', about: badge.cardId, answer: 'disputed', undone: true },
    },
  ])
})

test('to dispute a passkey revokes it', async () => {
  const stranger = await enrolHere()
  const away = await f.signIn('maria', mariaKey, otherWorkstation)
  const notice = away.notices[0]
  expect(notice).toMatchObject({ kind: 'passkey-added' })
  await answer(notice?.noticeId, 'disputed', away, otherWorkstation)
  const { ceremony } = await f.tap('maria')
  const { ceremonyId } = ceremony
  const response = stranger.assert(ceremony.options)
  expect(await f.call('session.start', { ceremonyId, response })).toEqual({
    outcome: 'refused',
    reason: 'revoked',
  })
  expect(f.eventsOf('passkey.revoked')).toMatchObject([{ detail: { because: 'disputed' } }])
})

test.each(['badge-detached', 'passkey-removed'] as const)(
  'a dispute of %s is recorded as serious, and gives nothing back',
  async (kind) => {
    if (kind === 'badge-detached') {
      const { cardId } = await add()
      await f.call('badge.detach', { sessionId: maria.sessionId, cardId })
    } else {
      const { id: passkeyId } = await enrolHere()
      await f.call('passkeys.revoke', { sessionId: maria.sessionId, passkeyId })
    }
    const away = await f.signIn('maria', mariaKey, otherWorkstation)
    const notice = away.notices.find((one) => one.kind === kind)
    await answer(notice?.noticeId, 'disputed', away, otherWorkstation)
    expect(f.records.at(-1)).toMatchObject({
      event: 'notice.answered',
      outcome: 8,
      detail: { kind, answer: 'disputed', undone: false },
    })
    expect(await identify(card)).toBe('refused')
  },
)

test('what was seen is put away, undoes nothing, and the session hears of it', async () => {
  await add()
  const away = await f.signIn('maria', mariaKey, otherWorkstation)
  const notice = away.notices.find(({ kind }) => kind === 'badge-added')
  const heard: AuthorityEvent[] = []
  f.authority.events.subscribe(otherWorkstation.workstation.id, (event) => heard.push(event))
  await answer(notice?.noticeId, 'seen', away, otherWorkstation)
  expect(heard).toMatchObject([
    { type: 'session.changed', session: { notices: [{ kind: 'passkey-added' }] } },
  ])
  expect(f.records.at(-1)).toMatchObject({ event: 'notice.answered', outcome: 0 })
  expect(await identify(card)).toBe('identified')
})

test('a notice is answered once, by the one whom it is for, in a live session here', async () => {
  await add()
  await claim()
  const [notice] = await shown()
  const { noticeId } = notice ?? { noticeId: 'none' }
  await expect(answer(noticeId, 'seen', tom, otherWorkstation)).rejects.toThrow('not-found')
  await expect(answer(noticeId, 'seen', maria, otherWorkstation)).rejects.toThrow('not-found')
  await expect(answer('none', 'seen')).rejects.toThrow('not-found')
  await answer(noticeId, 'seen')
  await expect(answer(noticeId, 'disputed')).rejects.toThrow('not-found')
  expect(f.eventsOf('notice.answered')).toHaveLength(1)
  await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
  await expect(answer(noticeId, 'seen')).rejects.toThrow('session-ended')
})

test('of two answers at once one counts', async () => {
  await add()
  await claim()
  const [notice] = await shown()
  const answers = await Promise.allSettled([
    answer(notice?.noticeId, 'seen'),
    answer(notice?.noticeId, 'disputed'),
  ])
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(f.eventsOf('notice.answered')).toHaveLength(1)
})

test('what anybody can cause by tapping is told once, and for a while not after the answer', async () => {
  await add()
  const heard: AuthorityEvent[] = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => heard.push(event))
  for (let tap = 0; tap < 50; tap++) await claim()
  expect(await kinds()).toEqual(['badge-claimed'])
  expect(heard).toHaveLength(1)
  await answer((await shown())[0]?.noticeId, 'seen')
  for (let tap = 0; tap < 50; tap++) await claim()
  expect(await kinds()).toEqual([])
  f.advance(5 * minutes)
  await claim()
  expect(await kinds()).toEqual(['badge-claimed'])
})

test('five are shown, the newest first, and the rest follows as they are answered', async () => {
  for (let n = 1; n <= 7; n++) {
    await add(`WIEGAND|H10301|26|17|${n}`)
    f.advance(1_000)
  }
  await again()
  const first = maria.notices
  expect(first).toHaveLength(5)
  const times = first.map(({ at }) => at)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect(times[0]).toBe(f.now() - 1_000)
  for (const { noticeId } of first) await answer(noticeId, 'seen')
  expect(await kinds()).toEqual(['badge-added', 'badge-added', 'passkey-added'])
})

test('an answered notice is forgotten after a day, one that waits is not', async () => {
  await add()
  await claim()
  await answer((await shown())[0]?.noticeId, 'seen')
  f.advance(25 * 60 * minutes)
  await f.authority.tick()
  const left = await f.db.read
    .selectFrom('notices')
    .select('kind')
    .where('person_id', '=', 'maria')
    .execute()
  expect(left.map(({ kind }) => kind).toSorted()).toEqual(['badge-added', 'passkey-added'])
  expect(await f.db.read.selectFrom('badge_enrolments').selectAll().execute()).toEqual([])
})

test('no notice is left where the log takes no record of what it tells', async () => {
  const { cardId } = await add()
  const count = async () => (await f.db.read.selectFrom('notices').selectAll().execute()).length
  const before = await count()
  f.breakLog(new Error('the log is gone'))
  const detach = f.call('badge.detach', { sessionId: maria.sessionId, cardId })
  await expect(detach).rejects.toThrow('log-unavailable')
  expect(await count()).toBe(before)
})
