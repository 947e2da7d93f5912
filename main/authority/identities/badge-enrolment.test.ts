import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { otherWorkstation } from '../../../test/support/authority.ts'
import {
  card,
  chip,
  f,
  mariaKey,
  tomKey,
  maria,
  ward,
  begin,
  begun,
  confirm,
  own,
  assign,
  added,
  identify,
  cardsOf,
} from '../../../test/support/badge-ward.ts'

beforeEach(() => ward())
afterEach(() => f.dispose())

describe('two taps and a passkey', () => {
  test('make a badge one’s own, and it identifies its person from then on', async () => {
    expect(await identify(card)).toBe(null)
    const badge = added(await f.addBadge(maria, mariaKey, card, { name: ' Blue card ' }))
    expect(badge).toMatchObject({
      name: 'Blue card',
      kind: 'permanent',
      status: 'active',
      technology: 'WIEGAND H10301',
      endsAt: null,
      assignedAt: f.now(),
      lastSeenWhere: 'Ward 3',
    })
    expect(await identify(card)).toBe('maria')
    expect(f.eventsOf('badge.assigned').at(-1)).toMatchObject({
      outcome: 0,
      actor: 'maria',
      session: maria.sessionId,
      detail: { tag: badge.tag, card: badge.cardId, kind: 'permanent', passkey: mariaKey.id },
    })
    expect(f.eventsOf('badge.listened').map(({ detail }) => detail['tap'])).toEqual([1, 2])
  })

  test('count a second chip as part of its card, with its name and its end', async () => {
    const first = added(await f.addBadge(maria, mariaKey, card, { name: 'Combi' }))
    const options = { sameCard: first.cardId, name: 'Other', kind: 'loaner' } as const
    const second = added(await f.addBadge(maria, mariaKey, chip, options))
    expect(second).toMatchObject({ cardId: first.cardId, name: 'Combi', kind: 'permanent' })
    expect(second.badgeId).not.toBe(first.badgeId)
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: first.cardId })
    expect([await identify(card), await identify(chip)]).toEqual([null, null])
  })

  test('detach the card that this one replaces, in the same step', async () => {
    const old = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: old.cardId })
    added(await f.addBadge(maria, mariaKey, chip, { replaces: old.cardId }))
    expect([await identify(card), await identify(chip)]).toEqual([null, 'maria'])
    expect((await cardsOf(maria)).map(({ cardId }) => cardId)).not.toContain(old.cardId)
    expect(f.eventsOf('badge.detached')).toMatchObject([
      { actor: 'maria', detail: { card: old.cardId, because: 'replaced' } },
    ])
  })
})

describe('the second tap', () => {
  test('is of the same badge, or the enrolment is over', async () => {
    const enrolmentId = await begun(card)
    const differs = { outcome: 'refused', reason: 'differs' }
    expect(await confirm(enrolmentId, chip)).toEqual(differs)
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      detail: { reason: 'differs' },
    })
    expect(await confirm(enrolmentId, card)).toMatchObject({ reason: 'expired' })
  })

  test('is another tap; the same one reported again shows nothing', async () => {
    const enrolmentId = await begun(card)
    await expect(confirm(enrolmentId, card, 'tap-1')).rejects.toThrow('conflict')
    expect(await assign(enrolmentId)).toMatchObject({ outcome: 'not-assigned', reason: 'expired' })
    expect(await confirm(enrolmentId, card)).toMatchObject({ outcome: 'agreed' })
  })

  test('comes in time', async () => {
    const answer = await begin(card)
    if (answer.outcome !== 'tap-again') throw new Error(answer.reason)
    f.advance(answer.expiresAt - f.now())
    expect(await confirm(answer.enrolmentId, card)).toMatchObject({ reason: 'expired' })
  })

  test('comes at the same workstation, in the same session, once', async () => {
    const enrolmentId = await begun(card)
    expect(await confirm(enrolmentId, card, 'tap-2', otherWorkstation)).toMatchObject({
      reason: 'expired',
    })
    expect(await confirm(enrolmentId, card)).toEqual({ outcome: 'agreed', loanerOnly: false })
    expect(await confirm(enrolmentId, card, 'tap-3')).toMatchObject({ reason: 'expired' })
    expect(await confirm('no-such-enrolment', card)).toMatchObject({ reason: 'expired' })
    const second = await begun(chip)
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    expect(await confirm(second, chip)).toMatchObject({ reason: 'expired' })
  })

  test('is of what was begun last', async () => {
    const first = await begun(card)
    const second = await begun(card)
    expect(await confirm(first, card)).toMatchObject({ reason: 'expired' })
    expect(await confirm(second, card)).toMatchObject({ outcome: 'agreed' })
  })
})

describe('the passkey', () => {
  test('is the person’s own; a failed one leaves the two taps good', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    expect(await assign(enrolmentId, {}, tomKey)).toEqual({
      outcome: 'refused',
      reason: 'wrong-person',
    })
    const { ceremonyId, options } = await f.call('passkey.challenge', {
      purpose: 'badge',
      personId: maria.person.personId,
    })
    const response = mariaKey.assert(options, { userVerified: false })
    expect(
      await f.call('badge.assign', { enrolmentId, ...own, ceremonyId, response }),
    ).toMatchObject({ outcome: 'refused', reason: 'not-verified' })
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      detail: { reason: 'not-verified' },
    })
    expect(await identify(card)).toBe(null)
    expect((await assign(enrolmentId)).outcome).toBe('assigned')
  })

  test('of a usernameless challenge must be that of the enrolment’s person, too', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const { ceremonyId, options } = await f.call('passkey.challenge', {
      purpose: 'badge',
      personId: null,
    })
    const params = { enrolmentId, ...own, ceremonyId, response: tomKey.assert(options) }
    expect(await f.call('badge.assign', params)).toMatchObject({ reason: 'wrong-person' })
    expect(await identify(card)).toBe(null)
  })

  test('answers a challenge of this purpose, here, once', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const { ceremony } = await f.tap('maria')
    const { ceremonyId } = ceremony
    const params = { enrolmentId, ...own, ceremonyId, response: mariaKey.assert(ceremony.options) }
    expect(await f.call('badge.assign', params)).toMatchObject({ reason: 'expired' })
    const elsewhere = await f.proveForBadge(maria, mariaKey, otherWorkstation)
    expect(await f.call('badge.assign', { enrolmentId, ...own, ...elsewhere })).toMatchObject({
      outcome: 'refused',
      reason: 'expired',
    })
    const proof = await f.proveForBadge(maria, mariaKey)
    const good = { enrolmentId, ...own, ...proof }
    expect((await f.call('badge.assign', good)).outcome).toBe('assigned')
    expect(await f.call('badge.assign', good)).toMatchObject({ outcome: 'refused' })
  })
})
