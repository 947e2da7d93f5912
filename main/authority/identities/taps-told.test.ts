import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { SessionView } from '../protocol/index.ts'

let f: AuthorityFixture
afterEach(() => f.dispose())

test('a badge at two places too soon signs in all the same, and its owner is told once', async () => {
  f = await authorityFixture()
  const session = await f.signIn('maria', await f.enrol('maria'))
  f.advance(10_000)
  await f.tap('maria', { caller: otherWorkstation })
  f.advance(10_000)
  const back = await f.tap('maria')
  expect(f.eventsOf('badge.travelled')).toMatchObject([
    { outcome: 4, actor: 'maria', workstation: 'ws-2', detail: { from: 'ws-1', ms: 10_000 } },
    { outcome: 4, actor: 'maria', workstation: 'ws-1', detail: { from: 'ws-2', ms: 10_000 } },
  ])
  expect(f.eventsOf('badge.travelled')[0]?.detail['tag']).toMatch(/^[0-9a-f]{6}$/)
  expect(back.session?.sessionId).toBe(session.sessionId)
  expect(back.session?.notices).toMatchObject([{ kind: 'badge-travelled', where: 'Ward 4' }])
})

describe('whoever walks fast from seat to seat', () => {
  let key: SoftwarePasskey
  const kinds = (session: SessionView) => session.notices.map(({ kind }) => kind)
  const taken = () => f.eventsOf('notice.taken-back')
  beforeEach(async () => {
    f = await authorityFixture()
    key = await f.enrol('maria')
  })

  test('and proves at both who they are is not warned of themselves; the record stays', async () => {
    await f.signIn('maria', key)
    f.advance(10_000)
    const moved = await f.signIn('maria', key, otherWorkstation)
    expect(kinds(moved)).not.toContain('badge-travelled')
    expect(f.eventsOf('badge.travelled')).toHaveLength(1)
    expect(taken()).toMatchObject([
      {
        outcome: 0,
        actor: 'maria',
        workstation: 'ws-2',
        session: moved.sessionId,
        detail: { kind: 'badge-travelled', because: 'proven' },
      },
    ])
  })

  test('is warned all the same of a tap elsewhere that no passkey followed', async () => {
    await f.tap('maria')
    f.advance(10_000)
    expect(kinds(await f.signIn('maria', key, otherWorkstation))).toContain('badge-travelled')
    expect(taken()).toEqual([])
  })

  test('is warned of a copy that was tapped at the seat that they left, after their passkey', async () => {
    await f.signIn('maria', key)
    f.advance(5_000)
    await f.tap('maria')
    f.advance(5_000)
    expect(kinds(await f.signIn('maria', key, otherWorkstation))).toContain('badge-travelled')
    expect(taken()).toEqual([])
  })

  test('hears soon after of a copy', async () => {
    await f.signIn('maria', key)
    f.advance(10_000)
    await f.signIn('maria', key, otherWorkstation)
    f.advance(10_000)
    await f.tap('maria')
    const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, otherWorkstation)
    expect(sessions.flatMap(kinds)).toContain('badge-travelled')
  })

  test('keeps what was said of an earlier copy', async () => {
    await f.signIn('maria', key)
    f.advance(10_000)
    await f.tap('maria', { caller: otherWorkstation })
    f.advance(1_000)
    expect(kinds(await f.signIn('maria', key))).toContain('badge-travelled')
    f.advance(1_000)
    expect(kinds(await f.signIn('maria', key, otherWorkstation))).toContain('badge-travelled')
    expect(taken()).toEqual([])
  })
})

test('a badge that had time to walk is no news', async () => {
  f = await authorityFixture()
  await f.tap('maria')
  f.advance(f.policy['badge.walkTime'])
  await f.tap('maria', { caller: otherWorkstation })
  await f.tap('maria', { caller: otherWorkstation })
  expect(f.eventsOf('badge.travelled')).toEqual([])
})

test('a tap that was reported before is not seen again', async () => {
  f = await authorityFixture()
  const params = { tapId: 'one', badge: 'badge-maria', reader: 'r', purpose: 'sign-in' } as const
  await f.call('tap.identify', params)
  const before = await f.db.read.selectFrom('badges').selectAll().execute()
  f.advance(1_000)
  await expect(f.call('tap.identify', params)).rejects.toThrow('conflict')
  expect(await f.db.read.selectFrom('badges').selectAll().execute()).toEqual(before)
})

test('a tap off shift is recorded and not refused, and nobody is bothered with it', async () => {
  const startAt = Date.UTC(2026, 0, 5, 7)
  const shift = { from: startAt - 3_600_000, to: startAt + 8 * 3_600_000 }
  f = await authorityFixture({ startAt, people: [staff('maria', { roster: [shift] })] })
  const key = await f.enrol('maria')
  await f.signIn('maria', key)
  expect(f.eventsOf('badge.off-shift')).toEqual([])
  f.advance(9 * 3_600_000)
  const session = await f.signIn('maria', key)
  expect(f.eventsOf('badge.off-shift')).toMatchObject([
    { outcome: 4, actor: 'maria', workstation: 'ws-1' },
  ])
  expect(session.notices.map(({ kind }) => kind)).toEqual(['passkey-added'])
})

test('the next roster replaces the one before', async () => {
  const startAt = Date.UTC(2026, 0, 5, 7)
  const people = [staff('maria', { roster: [] })]
  f = await authorityFixture({ startAt, people })
  await f.tap('maria')
  expect(f.eventsOf('badge.off-shift')).toHaveLength(1)
  people.splice(0, 1, staff('maria', { roster: [{ from: startAt, to: startAt + 3_600_000 }] }))
  await f.restart()
  await f.tap('maria')
  expect(f.eventsOf('badge.off-shift')).toHaveLength(1)
  people.splice(0, 1, staff('maria'))
  f.advance(12 * 3_600_000)
  await f.restart()
  await f.tap('maria')
  expect(f.eventsOf('badge.off-shift')).toHaveLength(2)
})
