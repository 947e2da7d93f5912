import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { Caller } from '../context.ts'
import type { AuthorityEvent, SessionId, SessionView } from '../protocol/index.ts'

const minutes = 60_000
const hours = 60 * minutes
const third = { workstation: { id: 'ws-3', name: 'Ward 5' } } as unknown as Caller

let f: AuthorityFixture
let maria: SoftwarePasskey
async function open(policy: Parameters<typeof authorityFixture>[0] = {}): Promise<void> {
  f = await authorityFixture({
    people: [
      staff('maria'),
      staff('tom', { role: 'physician' }),
      staff('cora', { role: 'charge-nurse' }),
    ],
    ...policy,
  })
  maria = await f.enrol('maria')
}
beforeEach(() => open())
afterEach(() => f.dispose())

const heardAt = (caller: Caller) => {
  const events: AuthorityEvent[] = []
  f.authority.events.subscribe(caller.workstation.id, (event) => events.push(event))
  return events
}
const start = async (key = maria, caller: Caller = otherWorkstation, person = 'maria') => {
  const { ceremony } = await f.tap(person, { caller })
  const response = key.assert(ceremony.options)
  const answer = await f.call(
    'session.start',
    { ceremonyId: ceremony.ceremonyId, response },
    caller,
  )
  if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
  return answer
}
const take = async (caller: Caller = otherWorkstation, tapId?: string) =>
  f.call('session.take', { tapId: tapId ?? (await f.tap('maria', { caller })).tapId }, caller)
const secured = (sessionId: SessionId, caller = f.here) =>
  f.call('session.secured', { sessionId }, caller)
const live = async () => {
  const rows = await f.db.read
    .selectFrom('sessions')
    .selectAll()
    .where('person_id', '=', 'maria')
    .where('ended_at', 'is', null)
    .execute()
  return rows.map((row) => row.workstation_id)
}
const handovers = () => f.db.read.selectFrom('handovers').selectAll().execute()
const noticesOf = async (caller: Caller) => {
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
  return sessions.flatMap(({ notices }) => notices.map(({ kind }) => kind))
}
const breakGlass = async (session: SessionView) => {
  const { ceremonyId, options } = await f.call('passkey.challenge', {
    purpose: 'override',
    personId: session.person.personId,
  })
  const answer = await f.call('override.start', {
    sessionId: session.sessionId,
    patient: 'P-9',
    reason: 'emergency-treatment',
    note: 'unconscious in the corridor',
    ceremonyId,
    response: maria.assert(options),
  })
  if (answer.outcome !== 'granted') throw new Error(answer.outcome)
  return answer.override
}
/** Maria cannot prove who she is at a seat; Tom vouches. */
const vouchedFor = async (caller: Caller, tom: SoftwarePasskey) => {
  const { tapId } = await f.tap('maria', { caller })
  const note = 'left it in the other coat'
  const asked = await f.call('fallback.request', { tapId, reason: 'key-lost', note }, caller)
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const { ceremony } = await f.tap('tom', { purpose: 'witness', caller })
  const { requestId } = asked
  const response = tom.assert(ceremony.options)
  const params = { requestId, ceremonyId: ceremony.ceremonyId, response }
  const answer = await f.call('fallback.approve', params, caller)
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer
}

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

describe('the seat that was left', () => {
  let left: SessionView
  let there: SessionView
  beforeEach(async () => {
    left = await f.signIn('maria', maria)
    ;({ session: there } = await start())
  })
  const later = async (ms: number) => {
    f.advance(ms)
    return f.authority.tick()
  }

  test('says once that it is covered, and nobody hears of it', async () => {
    await later(1_000)
    await secured(left.sessionId)
    await secured(left.sessionId)
    await later(minutes)
    expect(f.eventsOf('session.secured')).toMatchObject([
      { session: left.sessionId, workstation: 'ws-1', detail: { by: 'seat', after: 1_000 } },
    ])
    expect(f.eventsOf('seat.unsecured')).toEqual([])
    expect(await noticesOf(otherWorkstation)).not.toContain('seat-unsecured')
  })

  test('is looked at when its time is over', async () => {
    expect(await f.authority.tick()).toBe(f.now() + 2_000)
  })

  test('that says nothing is marked once, and its person and the charge nurse hear of it', async () => {
    const cora = await f.enrol('cora')
    await f.signIn('cora', cora, third)
    const heard = [heardAt(otherWorkstation), heardAt(third)]
    await later(1_999)
    expect(f.eventsOf('seat.unsecured')).toEqual([])
    await later(1)
    await later(minutes)
    expect(f.eventsOf('seat.unsecured')).toMatchObject([
      { outcome: 8, session: left.sessionId, workstation: 'ws-1', actor: 'maria' },
    ])
    for (const events of heard) {
      expect(events).toHaveLength(1)
      const [event] = events
      const notices = event?.type === 'session.changed' ? event.session.notices : []
      expect(notices[0]).toMatchObject({ kind: 'seat-unsecured', where: 'Ward 3' })
    }
  })

  test('that says it late is secured after all, and the notices go away', async () => {
    const cora = await f.enrol('cora')
    await f.signIn('cora', cora, third)
    await later(5_000)
    const heard = heardAt(third)
    await f.call('session.cleared', { sessionId: left.sessionId, verified: true })
    await secured(left.sessionId)
    expect(f.eventsOf('seat.secured')).toMatchObject([
      { session: left.sessionId, workstation: 'ws-1', detail: { after: 5_000 } },
    ])
    expect(heard).toHaveLength(1)
    for (const caller of [otherWorkstation, third])
      expect(await noticesOf(caller)).not.toContain('seat-unsecured')
    expect(await handovers()).toMatchObject([{ secured_at: f.now(), cleared_at: f.now() }])
  })

  test('is not secured by a slot that was not cleared, nor by another seat', async () => {
    await f.call('session.cleared', { sessionId: left.sessionId, verified: false })
    await expect(secured(left.sessionId, otherWorkstation)).rejects.toThrow('not-found')
    await later(2_000)
    expect(f.eventsOf('seat.unsecured')).toHaveLength(1)
  })

  test('shows nothing any more when its agent started anew', async () => {
    await later(3_000)
    await f.restart()
    expect(f.eventsOf('seat.secured')).toMatchObject([{ detail: { by: 'restart' } }])
    expect(await noticesOf(otherWorkstation)).not.toContain('seat-unsecured')
  })

  test('is answered for by the start of a new agent there, and by no other report', async () => {
    await later(3_000)
    const report = (event: 'reader-ready' | 'agent-started', caller = f.here) =>
      f.call('workstation.report', { event, detail: {} }, caller)
    await report('reader-ready')
    await report('agent-started', otherWorkstation)
    expect(f.eventsOf('seat.secured')).toEqual([])
    await report('agent-started')
    await report('agent-started')
    expect(f.eventsOf('seat.secured')).toMatchObject([
      { session: left.sessionId, detail: { by: 'restart' } },
    ])
    expect(await handovers()).toMatchObject([{ secured_at: f.now(), cleared_at: f.now() }])
  })

  test('says nothing of a session that did not move', async () => {
    const before = f.records.length
    await secured(there.sessionId, otherWorkstation)
    expect(f.records).toHaveLength(before)
  })

  test('is marked once, however many look at once', async () => {
    f.advance(2_000)
    await Promise.all(Array.from({ length: 5 }, () => f.authority.tick()))
    expect(f.eventsOf('seat.unsecured')).toHaveLength(1)
  })

  test('of ticks and answers at once one decides', async () => {
    f.advance(2_000)
    await Promise.all([
      f.authority.tick(),
      secured(left.sessionId),
      f.authority.tick(),
      secured(left.sessionId),
      f.authority.tick(),
    ])
    const marked = f.eventsOf('seat.unsecured').length
    expect(f.eventsOf('session.secured')).toHaveLength(1)
    expect(f.eventsOf('seat.secured')).toHaveLength(marked)
    expect(await noticesOf(otherWorkstation)).not.toContain('seat-unsecured')
  })

  test('is forgotten a day after it was secured', async () => {
    await secured(left.sessionId)
    await later(25 * hours)
    expect(await handovers()).toEqual([])
  })
})

describe('a colleague', () => {
  let session: SessionView
  const shield = (by: string | null) =>
    f.call('session.shield', { sessionId: session.sessionId, reason: 'colleague', by })
  beforeEach(async () => {
    session = await f.signIn('maria', maria)
  })

  test('secures an open seat by a tap, on their own account, and its owner is told', async () => {
    const { tapId } = await f.tap('tom')
    // They looked at the screen for a while, and left.
    f.advance(3 * minutes)
    await shield(tapId)
    expect(f.eventsOf('session.secured')).toMatchObject([
      { actor: 'tom', session: session.sessionId, detail: { by: 'colleague' } },
    ])
    expect(await noticesOf(f.here)).toContain('seat-secured')
    const { assurance } = session
    expect(await f.call('session.activity', { sessionId: session.sessionId })).toBeDefined()
    expect(assurance.verifiedAt).toBeLessThanOrEqual(f.now())
  })

  test('is told of once, however often they tap', async () => {
    for (let n = 0; n < 5; n += 1) await shield((await f.tap('tom')).tapId)
    expect((await noticesOf(f.here)).filter((kind) => kind === 'seat-secured')).toHaveLength(1)
  })

  test('is not invented by a tap that nobody made, nor by one of the owner', async () => {
    await shield('invented')
    await shield((await f.tap('maria')).tapId)
    await shield(null)
    expect(f.eventsOf('session.secured')).toEqual([])
    expect(f.eventsOf('session.shielded')).toHaveLength(3)
    expect(await noticesOf(f.here)).not.toContain('seat-secured')
  })
})
