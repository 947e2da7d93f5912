import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { SessionView } from '../protocol/index.ts'

const card = 'WIEGAND|H10301|26|17|54021'

let f: AuthorityFixture
let mariaKey: SoftwarePasskey
let tomKey: SoftwarePasskey
let maria: SessionView
let tom: SessionView
beforeEach(async () => {
  f = await authorityFixture()
  mariaKey = await f.enrol('maria')
  tomKey = await f.enrol('tom')
  maria = await f.signIn('maria', mariaKey)
  tom = await f.signIn('tom', tomKey, otherWorkstation)
})
afterEach(() => f.dispose())

const list = async ({ sessionId } = maria, caller = f.here) =>
  (await f.call('badges.list', { sessionId }, caller)).badges
const firstCard = async (session = maria, caller = f.here) =>
  (await list(session, caller))[0]?.cardId ?? 'none'
let taps = 0
const identify = async (badge: string, caller = f.here) => {
  const tapId = `tap-${(taps += 1)}`
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
  return (await f.call('tap.identify', params, caller)).outcome
}
const found = async (cardId: string, key = mariaKey) => {
  const proof = await f.proveForBadge(maria, key)
  return f.call('badge.found', { sessionId: maria.sessionId, cardId, ...proof })
}
async function witnessed(): Promise<SessionView> {
  await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
  const { tapId } = await f.tap('maria')
  const asked = await f.call('fallback.request', {
    tapId,
    reason: 'key-broken',
    note: 'Key fell into the sharps bin.',
  })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const { ceremony } = await f.tap('tom', { purpose: 'witness' })
  const answer = await f.call('fallback.approve', {
    requestId: asked.requestId,
    ceremonyId: ceremony.ceremonyId,
    response: tomKey.assert(ceremony.options),
  })
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer.session
}

test('the list shows one’s own badges and where each was tapped last', async () => {
  f.advance(60_000)
  await f.tap('maria', { caller: otherWorkstation })
  expect(await list()).toMatchObject([
    {
      name: 'Badge',
      kind: 'permanent',
      status: 'active',
      endsAt: null,
      lastSeenAt: f.now(),
      lastSeenWhere: 'Ward 4',
    },
  ])
  await expect(list(tom)).rejects.toThrow('not-found')
})

test('the technology of a badge from an older database shows from its next tap', async () => {
  await f.addBadge(maria, mariaKey, card)
  await f.db.write((tx) => tx.updateTable('badges').set({ technology: '' }).execute())
  await identify(card)
  const technologies = (await list()).map(({ technology }) => technology)
  expect(technologies.toSorted()).toEqual(['', 'WIEGAND H10301'])
})

test('a lost card signs nobody in, and its owner is told once when somebody tries', async () => {
  const cardId = await firstCard()
  await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
  expect(f.records.at(-1)).toMatchObject({ event: 'badge.lost', outcome: 0, actor: 'maria' })
  for (let tap = 0; tap < 50; tap++)
    expect(await identify('badge-maria', otherWorkstation)).toBe('refused')
  const refused = f.eventsOf('badge.refused')
  expect(refused).toHaveLength(50)
  expect(refused[0]).toMatchObject({ actor: null, outcome: 4, detail: { cause: 'lost' } })
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 })
  expect(sessions[0]?.notices).toMatchObject([{ kind: 'lost-badge-used', where: 'Ward 4' }])
  expect((await list())[0]).toMatchObject({ status: 'lost' })
})

test('a card that is lost already stays so, without another record', async () => {
  const lost = { sessionId: maria.sessionId, cardId: await firstCard() }
  await f.call('badge.lost', lost)
  await f.call('badge.lost', lost)
  expect(f.eventsOf('badge.lost')).toHaveLength(1)
})

test('a lost card is trusted again after a passkey, and only then', async () => {
  const cardId = await firstCard()
  expect(await found(cardId)).toEqual({ outcome: 'not-lost' })
  await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
  expect(await found(cardId, tomKey)).toEqual({ outcome: 'refused', reason: 'wrong-person' })
  expect(await identify('badge-maria')).toBe('refused')
  expect(await found(cardId)).toEqual({ outcome: 'found' })
  expect(f.eventsOf('badge.found').map(({ outcome }) => outcome)).toEqual([4, 4, 0])
  expect(await identify('badge-maria')).toBe('identified')
})

test('a passkey for finding is asked of one’s own session, with the right purpose', async () => {
  const cardId = await firstCard()
  await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
  const { ceremonyId, options } = await f.call('passkey.challenge', {
    purpose: 'override',
    personId: maria.person.personId,
  })
  const params = { sessionId: maria.sessionId, cardId, ceremonyId }
  expect(await f.call('badge.found', { ...params, response: mariaKey.assert(options) })).toEqual({
    outcome: 'refused',
    reason: 'expired',
  })
  const usernameless = await f.call('passkey.challenge', { purpose: 'badge', personId: null })
  expect(
    await f.call('badge.found', {
      ...params,
      ceremonyId: usernameless.ceremonyId,
      response: tomKey.assert(usernameless.options),
    }),
  ).toEqual({ outcome: 'refused', reason: 'wrong-person' })
})

test('finding a card releases no identity that is quarantined', async () => {
  const cardId = await firstCard()
  await f.db.write((tx) =>
    tx.updateTable('badges').set({ status: 'conflicting' }).where('card_id', '=', cardId).execute(),
  )
  await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
  expect(await found(cardId)).toEqual({ outcome: 'not-lost' })
  expect((await list())[0]).toMatchObject({ status: 'conflicting' })
})

test('a detached card is gone with one call, free for the next, and its owner is told', async () => {
  const cardId = await firstCard()
  await f.addBadge(maria, mariaKey, card, { sameCard: cardId })
  await f.call('badge.detach', { sessionId: maria.sessionId, cardId })
  expect([await identify('badge-maria'), await identify(card)]).toEqual(['refused', 'refused'])
  expect(await list()).toEqual([])
  expect(f.eventsOf('badge.detached')).toMatchObject([
    { actor: 'maria', session: maria.sessionId, detail: { card: cardId, because: 'asked' } },
  ])
  expect((await f.addBadge(tom, tomKey, card, { caller: otherWorkstation })).outcome).toBe(
    'assigned',
  )
  const kinds = await f.db.read
    .selectFrom('notices')
    .select('kind')
    .where('person_id', '=', 'maria')
    .where('about', '=', cardId)
    .execute()
  expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['badge-added', 'badge-detached'])
})

test.each(['badge.lost', 'badge.detach'] as const)(
  'somebody else’s card, or none, is not found by %s',
  async (call) => {
    const theirs = await firstCard(tom, otherWorkstation)
    const { sessionId } = maria
    for (const cardId of [theirs, 'none'])
      await expect(f.call(call, { sessionId, cardId })).rejects.toThrow('not-found')
    expect(await found(theirs)).toEqual({ outcome: 'not-lost' })
    expect(await identify('badge-tom')).toBe('identified')
    const cardId = await firstCard()
    await f.call('badge.detach', { sessionId, cardId })
    await expect(f.call(call, { sessionId, cardId })).rejects.toThrow('not-found')
  },
)

test.each(['badge.lost', 'badge.detach'] as const)(
  'a session elsewhere, one that is over and a witnessed one cannot call %s',
  async (call) => {
    const cardId = await firstCard()
    await expect(f.call(call, { sessionId: tom.sessionId, cardId })).rejects.toThrow('not-found')
    const { sessionId } = await witnessed()
    await expect(f.call(call, { sessionId, cardId })).rejects.toThrow('conflict')
    await expect(f.call(call, { sessionId: maria.sessionId, cardId })).rejects.toThrow(
      'session-ended',
    )
    expect(await identify('badge-maria')).toBe('identified')
  },
)

test('a witnessed session cannot find a card, and is told nothing of badges', async () => {
  const cardId = await firstCard()
  const session = await witnessed()
  expect(session.notices).toEqual([])
  const proof = await f.proveForBadge(maria, mariaKey)
  const params = { sessionId: session.sessionId, cardId, ...proof }
  await expect(f.call('badge.found', params)).rejects.toThrow('conflict')
})
