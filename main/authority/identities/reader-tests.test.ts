import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { SessionView } from '../protocol/index.ts'
import { badgeTag } from './badge-tag.ts'

const card = 'WIEGAND|H10301|26|17|54021'
const key = new Uint8Array(32).fill(7)

let f: AuthorityFixture
let keys: Record<string, SoftwarePasskey>
let ken: SessionView
beforeEach(async () => {
  f = await authorityFixture({
    people: [
      staff('ken', { role: 'it-engineer' }),
      staff('maria', { badges: ['badge-maria', 'badge-shared'] }),
      staff('rosa', { role: 'charge-nurse', badges: ['badge-rosa', 'badge-shared'] }),
    ],
  })
  keys = { ken: await f.enrol('ken'), maria: await f.enrol('maria') }
  ken = await f.signIn('ken', keys['ken'] ?? (await f.enrol('ken')))
})
afterEach(() => f.dispose())

const signedIn = async (person: string, caller = f.here) => {
  const key = keys[person]
  if (!key) throw new Error(`${person} has no key`)
  return f.signIn(person, key, caller)
}
const tested = (badge: string, { sessionId } = ken) => f.call('readers.test', { sessionId, badge })

test('an IT engineer opens the test page, and asking for digits is a record of its own', async () => {
  const { sessionId } = ken
  for (const reveal of [false, true])
    expect(await f.call('readers.open', { sessionId, reveal })).toEqual({ outcome: 'allowed' })
  expect(f.eventsOf('readers.tested')).toMatchObject([
    { outcome: 0, actor: 'ken', workstation: 'ws-1', detail: { step: 'opened' } },
    { outcome: 0, actor: 'ken', workstation: 'ws-1', detail: { step: 'revealed' } },
  ])
})

test('a test tap says what a badge is and not whose, and identifies nobody', async () => {
  const answer = await tested('badge-maria')
  const tag = badgeTag({ key }, 'badge-maria').slice(0, 6)
  expect(answer).toEqual({ outcome: 'tested', tag, status: 'active' })
  const record = f.eventsOf('readers.tested').at(-1)
  expect(record).toMatchObject({ actor: 'ken', detail: { step: 'tapped', tag, status: 'active' } })
  expect(JSON.stringify([answer, record])).not.toContain('maria')
  expect(f.eventsOf('badge.identified').map(({ actor }) => actor)).toEqual(['ken'])
})

test('a test tap tells what every badge can be', async () => {
  const session = await signedIn('maria', otherWorkstation)
  const call = { sessionId: session.sessionId }
  const status = async (badge: string) => {
    const answer = await tested(badge)
    return answer.outcome === 'tested' ? answer.status : answer.outcome
  }
  expect(await status(card)).toBe('unknown')
  expect(await status('badge-shared')).toBe('conflicting')
  const mariaKey = keys['maria'] ?? (await f.enrol('maria'))
  const loan = { kind: 'loaner', caller: otherWorkstation } as const
  const added = await f.addBadge(session, mariaKey, card, loan)
  if (added.outcome !== 'assigned') throw new Error(added.reason)
  expect(await status(card)).toBe('loaner')
  const { cardId } = added.badge
  await f.call('badge.lost', { ...call, cardId }, otherWorkstation)
  expect(await status(card)).toBe('lost')
  await f.call('badge.detach', { ...call, cardId }, otherWorkstation)
  expect(await status(card)).toBe('detached')
  f.advance(f.policy['badge.loanerLife'])
  ken = await signedIn('ken')
  expect(await status(card)).toBe('ended')
})

test('nobody else may look, and that they tried is recorded', async () => {
  const maria = await signedIn('maria')
  const { sessionId } = maria
  expect(await f.call('readers.open', { sessionId, reveal: true })).toEqual({
    outcome: 'not-an-operator',
  })
  expect(await tested('badge-rosa', maria)).toEqual({ outcome: 'not-an-operator' })
  expect(f.eventsOf('readers.tested')).toMatchObject([
    { outcome: 4, actor: 'maria', detail: { reason: 'not-an-operator' } },
    { outcome: 4, actor: 'maria', detail: { reason: 'not-an-operator' } },
  ])
})

test('an engineer for whom a witness vouched is no operator', async () => {
  await f.call('session.end', { sessionId: ken.sessionId, reason: 'sign-out' })
  const { tapId } = await f.tap('ken')
  const note = 'Key fell into the sharps bin.'
  const asked = await f.call('fallback.request', { tapId, reason: 'key-broken', note })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const { ceremony } = await f.tap('maria', { purpose: 'witness' })
  const answer = await f.call('fallback.approve', {
    requestId: asked.requestId,
    ceremonyId: ceremony.ceremonyId,
    response: (keys['maria'] ?? (await f.enrol('maria'))).assert(ceremony.options),
  })
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  expect(await tested('badge-maria', answer.session)).toEqual({ outcome: 'not-an-operator' })
})

test('an engineer’s session that is elsewhere or over opens nothing', async () => {
  const { sessionId } = ken
  const open = { sessionId, reveal: false }
  await expect(f.call('readers.open', open, otherWorkstation)).rejects.toThrow('not-found')
  await f.call('session.end', { sessionId, reason: 'sign-out' })
  await expect(f.call('readers.open', open)).rejects.toThrow('session-ended')
  await expect(tested('badge-maria')).rejects.toThrow('session-ended')
})
