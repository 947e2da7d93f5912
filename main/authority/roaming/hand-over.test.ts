import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { otherWorkstation } from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { SessionView } from '../protocol/index.ts'
import {
  minutes,
  hours,
  third,
  f,
  maria,
  open,
  heardAt,
  start,
  live,
  handovers,
  breakGlass,
  vouchedFor,
} from '../../../test/support/roaming-ward.ts'

beforeEach(() => open())
afterEach(() => f.dispose())

describe('a passkey at another workstation', () => {
  test('moves the session: it ends there, begins here and both are told by name', async () => {
    const left = await f.signIn('maria', maria)
    const heard = heardAt(f.here)
    f.advance(5 * minutes)
    const { session, movedFrom } = await start()
    expect(await live()).toEqual(['ws-2'])
    expect(movedFrom).toEqual({ where: 'Ward 3', at: f.now() })
    expect(heard).toMatchObject([
      {
        type: 'session.ended',
        sessionId: left.sessionId,
        reason: 'moved',
        moved: { where: 'Ward 4', at: f.now() },
      },
    ])
    expect(f.revoked).toContain(left.sessionId)
    expect(f.eventsOf('session.moved')).toMatchObject([
      {
        session: session.sessionId,
        workstation: 'ws-2',
        detail: { by: 'passkey', from: left.sessionId, fromWorkstation: 'ws-1', inherits: true },
      },
    ])
  })

  test('gives a proof of now, and keeps start, hard end, applications and patient', async () => {
    const left = await f.signIn('maria', maria)
    await f.db.write((tx) =>
      tx.updateTable('people').set({ patient: 'P-2' }).where('person_id', '=', 'maria').execute(),
    )
    f.advance(50 * minutes)
    const { session } = await start()
    const { startedAt, endsAt, applications, patient } = left
    expect(session).toMatchObject({ startedAt, endsAt, applications, patient })
    expect(session.assurance).toMatchObject({ aal: 2, verifiedAt: f.now() })
    expect(session.inactiveAt).toBe(f.now() + 60 * minutes)
    const row = await f.db.read
      .selectFrom('sessions')
      .select('continues')
      .where('session_id', '=', session.sessionId)
      .executeTakeFirst()
    expect(row?.continues).toBe(left.sessionId)
  })

  test('moving on and on does not stretch a shift', async () => {
    const { endsAt } = await f.signIn('maria', maria)
    const places = [otherWorkstation, third, f.here]
    let moved: SessionView | null = null
    for (let n = 0; f.now() < endsAt - 30 * minutes; n += 1) {
      f.advance(30 * minutes)
      if (f.now() < endsAt) moved = (await start(maria, places[n % 3])).session
    }
    expect(moved?.endsAt).toBe(endsAt)
    f.advance(30 * minutes)
    await f.authority.tick()
    expect(await live()).toEqual([])
  })

  test('takes an override in force along, to its end and not further', async () => {
    const left = await f.signIn('maria', maria)
    const override = await breakGlass(left)
    const heard = heardAt(f.here)
    f.advance(5 * minutes)
    const { session } = await start()
    expect(session.override).toEqual(override)
    expect(heard.map(({ type }) => type)).toEqual(['session.ended'])
    expect(f.eventsOf('override.ended')).toEqual([])
    const there = heardAt(otherWorkstation)
    f.advance(10 * minutes)
    await f.authority.tick()
    expect(there[0]).toMatchObject({ type: 'override.ended', sessionId: session.sessionId })
    expect(there[1]).toMatchObject({ session: { sessionId: session.sessionId, override: null } })
    expect(f.eventsOf('override.ended')).toMatchObject([{ session: session.sessionId }])
  })

  test('finds nothing to move where the session ran out, whether or not anybody noticed', async () => {
    const left = await f.signIn('maria', maria)
    const heard = heardAt(f.here)
    f.advance(61 * minutes)
    const { session, movedFrom } = await start()
    expect(movedFrom).toBe(null)
    expect(session.endsAt).toBe(f.now() + 12 * hours)
    expect(heard).toMatchObject([{ sessionId: left.sessionId, reason: 'inactivity', moved: null }])
    expect(await handovers()).toEqual([])
  })

  test('does not move a session of the same seat, and nobody else loses theirs', async () => {
    const tom = await f.signIn('tom', await f.enrol('tom'))
    const first = await f.signIn('maria', maria)
    const again = await start(maria, f.here)
    expect(again).toMatchObject({ movedFrom: null, session: { sessionId: first.sessionId } })
    await start()
    await f.call('session.activity', { sessionId: tom.sessionId })
  })

  test('of answers at many seats each gets a session, and the last one stays', async () => {
    const places = [f.here, otherWorkstation, third]
    const ready = []
    for (let n = 0; n < 12; n += 1) {
      const caller = places[n % 3] ?? third
      const { ceremony } = await f.tap('maria', { caller })
      const response = maria.assert(ceremony.options)
      ready.push({ caller, params: { ceremonyId: ceremony.ceremonyId, response } })
    }
    const lost = places.map(heardAt)
    const begun = new Map<string, string>()
    for (const one of ready) {
      const answer = await f.call('session.start', one.params, one.caller)
      if (answer.outcome === 'signed-in')
        begun.set(answer.session.sessionId, one.caller.workstation.id)
    }
    expect(begun.size).toBe(12)
    expect(await live()).toEqual(['ws-3'])
    const told = lost.flat().filter((event) => event.type === 'session.ended')
    expect(told.map(({ reason }) => reason)).toEqual(Array(11).fill('moved'))
  })

  test('asked again after a lost answer changes nothing; hello shows what came of it', async () => {
    await f.signIn('maria', maria)
    const { ceremony } = await f.tap('maria', { caller: otherWorkstation })
    const params = { ceremonyId: ceremony.ceremonyId, response: maria.assert(ceremony.options) }
    await f.call('session.start', params, otherWorkstation)
    expect(await f.call('session.start', params, otherWorkstation)).toEqual({
      outcome: 'refused',
      reason: 'expired',
    })
    const hello = { protocol: 1, afterSeq: 0 } as const
    expect((await f.call('agent.hello', hello, otherWorkstation)).sessions).toHaveLength(1)
    expect((await f.call('agent.hello', hello)).sessions).toEqual([])
  })

  test('moves nothing where the log takes no record of it', async () => {
    const left = await f.signIn('maria', maria)
    const { ceremony } = await f.tap('maria', { caller: otherWorkstation })
    const params = { ceremonyId: ceremony.ceremonyId, response: maria.assert(ceremony.options) }
    const heard = heardAt(f.here)
    f.breakLog(new Error('the log is gone'))
    const started = f.call('session.start', params, otherWorkstation)
    await expect(started).rejects.toThrow('log-unavailable')
    f.breakLog(null)
    expect(heard).toEqual([])
    await f.call('session.activity', { sessionId: left.sessionId })
  })
})

describe('a session that a witness vouched for', () => {
  let tom: SoftwarePasskey
  beforeEach(async () => {
    tom = await f.enrol('tom')
  })

  test('takes the place of one elsewhere, and gets nothing of it but the attention', async () => {
    const left = await f.signIn('maria', maria)
    await breakGlass(left)
    f.advance(minutes)
    const { session, movedFrom } = await vouchedFor(otherWorkstation, tom)
    expect(await live()).toEqual(['ws-2'])
    expect(movedFrom).toBe(null)
    expect(session).toMatchObject({
      kind: 'fallback',
      scope: 'reduced',
      override: null,
      startedAt: f.now(),
      endsAt: f.now() + f.policy['emergency.witnessed'],
    })
    expect(f.eventsOf('override.ended')).toMatchObject([{ detail: { why: 'session' } }])
    expect(await handovers()).toMatchObject([{ from_session_id: left.sessionId }])
  })

  test('takes the place of one at the same seat without calling it a move', async () => {
    const left = await f.signIn('maria', maria)
    const heard = heardAt(f.here)
    await vouchedFor(f.here, tom)
    expect(heard).toMatchObject([{ sessionId: left.sessionId, reason: 'replaced', moved: null }])
    expect(await handovers()).toEqual([])
    expect(await live()).toEqual(['ws-1'])
  })

  test('ends with a proof at another seat, which starts afresh', async () => {
    const { session: vouched } = await vouchedFor(f.here, tom)
    f.advance(minutes)
    const { session, movedFrom } = await start()
    expect(movedFrom).toMatchObject({ where: 'Ward 3' })
    expect(session).toMatchObject({ kind: 'standard', scope: 'full', startedAt: f.now() })
    expect(f.eventsOf('fallback.ended')).toMatchObject([{ session: vouched.sessionId }])
  })
})
