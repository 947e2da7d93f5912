import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { otherWorkstation } from '../../../test/support/authority.ts'
import {
  card,
  chip,
  f,
  mariaKey,
  tomKey,
  maria,
  tom,
  ward,
  begin,
  added,
  identify,
  noticesOf,
} from '../../../test/support/badge-ward.ts'

beforeEach(() => ward())
afterEach(() => f.dispose())

describe('a badge that cannot become one’s own', () => {
  test.each([
    ['is random', 'ISO14443A|RAW|32|08a1b2c3', null, 'random'],
    ['is a PUPI', 'ISO14443B|RAW|32|01a1b2c3', null, 'pupi'],
    ['is of a Seos card', chip, 'anticollision', 'anticollision'],
    ['is made of equal bits', 'WIEGAND|RAW|26|0000000', null, 'unreadable'],
    ['is none', 'badge-new', null, 'unreadable'],
  ] as const)('is unfit where it %s', async (_name, badge, told, cause) => {
    expect(await begin(badge, maria, f.here, told)).toEqual({
      outcome: 'refused',
      reason: 'unfit',
    })
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      outcome: 4,
      actor: 'maria',
      detail: { reason: 'unfit', cause },
    })
    expect(await f.db.read.selectFrom('badge_enrolments').selectAll().execute()).toEqual([])
  })

  test('is somebody else’s: it stays theirs, and they are told once, not fifty times', async () => {
    const badge = added(await f.addBadge(maria, mariaKey, card))
    for (let tap = 0; tap < 50; tap++)
      expect(await begin(card, tom, otherWorkstation)).toEqual({
        outcome: 'refused',
        reason: 'taken',
      })
    expect(await identify(card)).toBe('maria')
    expect(await noticesOf(f.here)).toMatchObject([{ kind: 'badge-claimed', where: 'Ward 4' }])
    expect(await noticesOf(otherWorkstation)).toEqual([])
    const refused = f.eventsOf('badge.enrolment-refused')
    expect(refused).toHaveLength(50)
    expect(refused[0]).toMatchObject({
      actor: 'tom',
      detail: { tag: badge.tag, reason: 'taken', owner: 'maria', standing: 'active' },
    })
  })

  test('is somebody’s lost one, or their loaner, as long as it is theirs', async () => {
    const lost = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: lost.cardId })
    added(await f.addBadge(maria, mariaKey, chip, { kind: 'loaner' }))
    for (const badge of [card, chip])
      expect(await begin(badge, tom, otherWorkstation)).toMatchObject({ reason: 'taken' })
    const kinds = (await noticesOf(f.here)).map(({ kind }) => kind)
    expect(kinds).toEqual(['badge-claimed', 'badge-claimed'])
  })

  test('is quarantined, also for the one who had it first', async () => {
    const { badgeId } = added(await f.addBadge(maria, mariaKey, card))
    await f.db.write((tx) =>
      tx
        .updateTable('badges')
        .set({ status: 'conflicting' })
        .where('badge_id', '=', badgeId)
        .execute(),
    )
    expect(await begin(card)).toMatchObject({ reason: 'taken' })
    expect(await noticesOf(f.here)).toEqual([])
    expect(await begin(card, tom, otherWorkstation)).toMatchObject({ reason: 'taken' })
  })

  test.each(['active', 'lost'] as const)('is one’s own already and %s', async (status) => {
    const badge = added(await f.addBadge(maria, mariaKey, card))
    if (status === 'lost')
      await f.call('badge.lost', { sessionId: maria.sessionId, cardId: badge.cardId })
    expect(await begin(card)).toEqual({ outcome: 'refused', reason: 'yours' })
  })

  test('is asked for in a witnessed session', async () => {
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
    expect(await begin(card, answer.session)).toEqual({ outcome: 'refused', reason: 'emergency' })
    expect(f.records.at(-1)).toMatchObject({ detail: { reason: 'emergency' }, actor: 'maria' })
  })

  test('is asked for in a session that is elsewhere, or over', async () => {
    await expect(begin(card, tom)).rejects.toThrow('not-found')
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    await expect(begin(card)).rejects.toThrow('session-ended')
  })
})
