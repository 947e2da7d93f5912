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
  own,
  assign,
  added,
  identify,
  cardsOf,
} from '../../../test/support/badge-ward.ts'

beforeEach(() => ward())
afterEach(() => f.dispose())

describe('an enrolment', () => {
  test('is used once, however often it is sent', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const proofs = [await f.proveForBadge(maria, mariaKey), await f.proveForBadge(maria, mariaKey)]
    const answers = await Promise.all(
      proofs.map((proof) => f.call('badge.assign', { enrolmentId, ...own, ...proof })),
    )
    // Which comes first is open; the second may find the enrolment used or its proof overtaken.
    expect(answers.filter(({ outcome }) => outcome === 'assigned')).toHaveLength(1)
    expect(await assign(enrolmentId)).toMatchObject({ reason: 'expired' })
    expect(f.eventsOf('badge.assigned').filter(({ session }) => session !== null)).toHaveLength(1)
  })

  test('expires, and ends with its session', async () => {
    const first = await f.tapTwice(maria, card)
    f.advance(5 * 60_000)
    expect(await assign(first)).toMatchObject({ outcome: 'not-assigned', reason: 'expired' })
    const second = await f.tapTwice(maria, card)
    const proof = await f.proveForBadge(maria, mariaKey)
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    expect(await f.call('badge.assign', { enrolmentId: second, ...own, ...proof })).toMatchObject({
      outcome: 'not-assigned',
      reason: 'expired',
    })
    expect(await identify(card)).toBe(null)
  })

  test('of another workstation does not exist here', async () => {
    const enrolmentId = await f.tapTwice(tom, card, otherWorkstation)
    const proof = await f.proveForBadge(tom, tomKey)
    expect(await f.call('badge.assign', { enrolmentId, ...own, ...proof })).toMatchObject({
      outcome: 'not-assigned',
      reason: 'expired',
    })
  })

  test('names cards of its own person only', async () => {
    const [of] = await cardsOf(tom, otherWorkstation)
    const theirs = of?.cardId ?? 'none'
    const enrolmentId = await f.tapTwice(maria, card)
    for (const change of [{ replaces: theirs }, { sameCard: theirs }, { sameCard: 'none' }]) {
      const proof = await f.proveForBadge(maria, mariaKey)
      expect(
        await f.call('badge.assign', { enrolmentId, ...own, ...change, ...proof }),
      ).toMatchObject({ outcome: 'not-assigned', reason: 'not-found' })
    }
    expect(await identify('badge-tom')).toBe('tom')
    const proof = await f.proveForBadge(maria, mariaKey)
    const both = { replaces: 'one', sameCard: 'one' }
    await expect(
      f.call('badge.assign', { enrolmentId, ...own, ...both, ...proof }),
    ).rejects.toThrow('bad-request')
    expect((await assign(enrolmentId)).outcome).toBe('assigned')
  })

  test('adds no chip to a card that is lost', async () => {
    const { cardId } = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
    expect(await f.addBadge(maria, mariaKey, chip, { sameCard: cardId })).toMatchObject({
      reason: 'not-found',
    })
  })

  test('changes nothing where the log takes no record', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const proof = await f.proveForBadge(maria, mariaKey)
    f.breakLog(new Error('the log is gone'))
    const params = { enrolmentId, ...own, ...proof }
    await expect(f.call('badge.assign', params)).rejects.toThrow('log-unavailable')
    f.breakLog(null)
    expect(await identify(card)).toBe(null)
    expect((await f.call('badge.assign', params)).outcome).toBe('assigned')
  })
})

test.each(['memory', 'file'] as const)(
  'of two people who race for one badge exactly one gets it, and is told of the other (%s)',
  async (store) => {
    await f.dispose()
    await ward({ store })
    const mine = await f.tapTwice(maria, card)
    const theirs = await f.tapTwice(tom, card, otherWorkstation)
    const proofs = [
      await f.proveForBadge(maria, mariaKey),
      await f.proveForBadge(tom, tomKey, otherWorkstation),
    ] as const
    const answers = await Promise.all([
      f.call('badge.assign', { enrolmentId: mine, ...own, ...proofs[0] }),
      f.call('badge.assign', { enrolmentId: theirs, ...own, ...proofs[1] }, otherWorkstation),
    ])
    // Which comes first is open; the second may find the enrolment used or its proof overtaken.
    expect(answers.filter(({ outcome }) => outcome === 'assigned')).toHaveLength(1)
    expect(answers.find(({ outcome }) => outcome === 'not-assigned')).toMatchObject({
      reason: 'taken',
    })
    const winner = answers[0].outcome === 'assigned' ? 'maria' : 'tom'
    expect(await identify(card)).toBe(winner)
    const claimed = await f.db.read
      .selectFrom('notices')
      .selectAll()
      .where('kind', '=', 'badge-claimed')
      .execute()
    expect(claimed).toMatchObject([{ person_id: winner }])
  },
)
