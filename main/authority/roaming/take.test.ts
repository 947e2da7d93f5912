import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { otherWorkstation } from '../../../test/support/authority.ts'
import type { SessionView } from '../protocol/index.ts'
import {
  minutes,
  hours,
  third,
  f,
  maria,
  open,
  start,
  take,
  live,
  breakGlass,
  vouchedFor,
} from '../../../test/support/roaming-ward.ts'

beforeEach(() => open())
afterEach(() => f.dispose())

describe('a tap alone', () => {
  test('finds out that its owner is active elsewhere, and not where', async () => {
    await f.signIn('maria', maria)
    const tap = await f.tap('maria', { caller: otherWorkstation })
    expect(tap).toMatchObject({ session: null, elsewhere: { tapEnough: false } })
    expect(JSON.stringify(tap)).not.toContain('Ward 3')
    expect((await f.tap('maria')).elsewhere).toBe(null)
    const witness = await f.tap('maria', { caller: otherWorkstation, purpose: 'witness' })
    expect(witness.elsewhere).toBe(null)
    f.advance(61 * minutes)
    expect((await f.tap('maria', { caller: otherWorkstation })).elsewhere).toBe(null)
  })

  test('takes nothing over by default', async () => {
    await f.signIn('maria', maria)
    expect(await take()).toEqual({ outcome: 'refused', reason: 'not-verified' })
    expect(await live()).toEqual(['ws-1'])
  })

  describe('where policy lets it', () => {
    beforeEach(async () => {
      await f.dispose()
      await open({ policy: { 'roaming.tapGrace': hours } })
    })

    test('takes the session over and raises no assurance', async () => {
      const left = await f.signIn('maria', maria)
      f.advance(30 * minutes)
      const tap = await f.tap('maria', { caller: otherWorkstation })
      expect(tap.elsewhere).toEqual({ tapEnough: true })
      const answer = await take(otherWorkstation, tap.tapId)
      expect(answer).toMatchObject({
        outcome: 'signed-in',
        session: { assurance: left.assurance, endsAt: left.endsAt },
        movedFrom: { where: 'Ward 3', at: f.now() },
      })
      expect(await live()).toEqual(['ws-2'])
      expect(f.eventsOf('session.moved')[0]).toMatchObject({
        assurance: { aal: 2, verifiedAt: left.assurance.verifiedAt },
        detail: { by: 'tap' },
      })
    })

    test('not a moment longer, however often it moved meanwhile', async () => {
      await f.signIn('maria', maria)
      f.advance(59 * minutes)
      expect(await take()).toMatchObject({ outcome: 'signed-in' })
      f.advance(minutes)
      expect((await f.tap('maria', { caller: third })).elsewhere).toEqual({ tapEnough: false })
      expect(await take(third)).toEqual({ outcome: 'refused', reason: 'not-verified' })
    })

    test('not what a broken glass opened, nor what a witness vouched for', async () => {
      const tom = await f.enrol('tom')
      const left = await f.signIn('maria', maria)
      await breakGlass(left)
      expect(await take()).toMatchObject({ outcome: 'refused' })
      f.advance(16 * minutes)
      await f.authority.tick()
      expect(await take()).toMatchObject({ outcome: 'signed-in' })
      await vouchedFor(f.here, tom)
      expect(await take()).toMatchObject({ outcome: 'refused' })
    })

    test('once, by its own tap, at its own seat', async () => {
      await f.signIn('maria', maria)
      const { tapId } = await f.tap('maria', { caller: otherWorkstation })
      expect(await take(third, tapId)).toMatchObject({ reason: 'expired' })
      expect(await take(otherWorkstation, 'invented')).toMatchObject({ reason: 'expired' })
      expect(await take(otherWorkstation, tapId)).toMatchObject({ outcome: 'signed-in' })
      expect(await take(otherWorkstation, tapId)).toMatchObject({ reason: 'expired' })
      const tom = await f.tap('tom', { caller: third })
      expect(await take(third, tom.tapId)).toMatchObject({ reason: 'not-verified' })
      expect(f.eventsOf('session.moved')).toHaveLength(1)
    })

    test('does not open what a session is told only after its person verified anew', async () => {
      const { sessionId } = await f.signIn('maria', maria)
      const { badges } = await f.call('badges.list', { sessionId })
      await f.call('badge.detach', { sessionId, cardId: badges[0]?.cardId ?? '' })
      await f.db.write((tx) => tx.updateTable('badges').set({ status: 'active' }).execute())
      const answer = await take()
      if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
      const told = (session: SessionView) => session.notices.map(({ kind }) => kind)
      expect(told(answer.session)).not.toContain('badge-detached')
      f.advance(1)
      const { session } = await start()
      expect(told(session)).toContain('badge-detached')
    })
  })
})
