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
  heardAt,
  start,
  secured,
  handovers,
  noticesOf,
} from '../../../test/support/roaming-ward.ts'

beforeEach(() => open())
afterEach(() => f.dispose())

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
