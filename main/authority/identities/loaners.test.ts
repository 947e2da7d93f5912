import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { otherWorkstation, staff } from '../../../test/support/authority.ts'
import {
  card,
  hours,
  startAt,
  f,
  mariaKey,
  tomKey,
  maria,
  tom,
  ward,
  confirm,
  own,
  added,
  identify,
  cardsOf,
} from '../../../test/support/badge-ward.ts'

beforeEach(() => ward())
afterEach(() => f.dispose())

describe('a loaner', () => {
  test('ends after its life, and identifies nobody from that moment', async () => {
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    expect(badge).toMatchObject({ kind: 'loaner', endsAt: f.now() + f.policy['badge.loanerLife'] })
    f.advance(f.policy['badge.loanerLife'] - 1)
    expect(await identify(card)).toBe('maria')
    f.advance(1)
    expect(await identify(card)).toBe(null)
    expect(f.records.at(-1)).toMatchObject({ event: 'badge.refused', detail: { cause: 'ended' } })
  })

  test('ends with the shift of its bearer, if that is sooner', async () => {
    const rosaKey = await f.enrol('rosa')
    f.advance(hours)
    const rosa = await f.signIn('rosa', rosaKey)
    const badge = added(await f.addBadge(rosa, rosaKey, card, { kind: 'loaner' }))
    expect(badge.endsAt).toBe(startAt + 3 * hours)
  })

  test('is swept once, at its time, while the session that it began goes on', async () => {
    await f.dispose()
    await ward({ policy: { 'badge.loanerLife': hours / 2 } })
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    const endsAt = startAt + hours / 2
    expect(await f.authority.tick()).toBe(endsAt)
    expect(f.eventsOf('badge.loaner-ended')).toEqual([])
    f.advance(hours / 2)
    await f.authority.tick()
    await f.authority.tick()
    expect(f.eventsOf('badge.loaner-ended')).toMatchObject([
      { outcome: 0, actor: 'maria', detail: { tag: badge.tag, card: badge.cardId, endsAt } },
    ])
    expect((await cardsOf(maria)).map(({ tag }) => tag)).not.toContain(badge.tag)
  })

  test('asks to be woken at its end', async () => {
    const dues: number[] = []
    f.authority.onDue((at) => dues.push(at))
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    expect(dues).toContain(badge.endsAt)
  })

  test('goes to the next person as a loaner, and can only ever be one again', async () => {
    const before = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    await f.call('badge.detach', { sessionId: maria.sessionId, cardId: before.cardId })
    const enrolmentId = await f.tapTwice(tom, card, otherWorkstation)
    const assignTo = async (kind: 'permanent' | 'loaner') => {
      const proof = await f.proveForBadge(tom, tomKey, otherWorkstation)
      const params = { enrolmentId, ...own, kind, ...proof }
      return f.call('badge.assign', params, otherWorkstation)
    }
    expect(await assignTo('permanent')).toEqual({
      outcome: 'not-assigned',
      reason: 'loaner-only',
    })
    const after = added(await assignTo('loaner'))
    expect(after.tag).toBe(before.tag)
    expect([after.badgeId, after.cardId]).not.toContain(before.badgeId)
    expect(after.cardId).not.toBe(before.cardId)
    expect(await identify(card)).toBe('tom')
    expect((await cardsOf(maria)).map(({ tag }) => tag)).not.toContain(before.tag)
  })

  test('says at the second tap that it is one, also after its time', async () => {
    added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    f.advance(f.policy['badge.loanerLife'])
    const session = await f.signIn('tom', tomKey)
    const { sessionId } = session
    const params = { sessionId, tapId: 'a', badge: card, refusedAtEnrolment: null }
    const first = await f.call('badge.begin', params)
    if (first.outcome !== 'tap-again') throw new Error(first.reason)
    expect(await confirm(first.enrolmentId, card, 'b')).toEqual({
      outcome: 'agreed',
      loanerOnly: true,
    })
  })

  test('stays with its bearer, however often the directory is loaded', async () => {
    added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    await f.restart()
    const session = await f.signIn('maria', mariaKey)
    expect((await cardsOf(session)).map(({ kind }) => kind)).toContain('loaner')
    expect(await identify(card)).toBe('maria')
  })
})

test('a badge that its person gave up does not come back with the directory, nor its next owner lose it', async () => {
  await f.dispose()
  await ward({ people: [staff('maria', { badges: ['badge-maria', card] }), staff('tom')] })
  const cards = await cardsOf(maria)
  const cardId = cards.find(({ technology }) => technology !== '')?.cardId ?? 'none'
  await f.call('badge.detach', { sessionId: maria.sessionId, cardId })
  await f.restart()
  expect(await identify(card)).toBe(null)
  const session = await f.signIn('tom', tomKey, otherWorkstation)
  expect((await f.addBadge(session, tomKey, card, { caller: otherWorkstation })).outcome).toBe(
    'assigned',
  )
  await f.restart()
  expect(await identify(card)).toBe('tom')
  expect(f.eventsOf('badge.quarantined')).toEqual([])
})
