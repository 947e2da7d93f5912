import { describe, expect, test } from 'vitest'
import type { EndReason } from '../../authority/protocol/reasons.ts'
import { aHello, anIdentity, aSession, aSessionId, start } from './testing/builders.ts'
import type { Name } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const mira = aSessionId('session-mira')
const desk = () => new SeatDesk().online()
const moved = (sessionId = mira, where = 'Ward 5') => ({
  type: 'authority.event' as const,
  event: {
    seq: 1,
    type: 'session.ended' as const,
    sessionId,
    reason: 'moved' as const,
    moved: { where, at: start },
  },
})
const ended = (reason: EndReason) => ({
  type: 'authority.event' as const,
  event: { seq: 1, type: 'session.ended' as const, sessionId: mira, reason, moved: null },
})
/** A tap whose owner is active at another workstation. */
const elsewhere = (seat: SeatDesk, name: Name, tapEnough: boolean) =>
  seat.tap(name).answer('tap.identify', {
    ...anIdentity(name, seat.now),
    elsewhere: { tapEnough },
  } as ReturnType<typeof anIdentity>)
const movedFrom = { where: 'Ward 3', at: start }

describe('the seat that a session leaves', () => {
  test('is covered in the same step, says so before anything else, and closes it', () => {
    const seat = desk().signIn('mira').send(moved())
    expect(seat.visible).toBeNull()
    expect(seat.screen).toEqual({
      name: 'locked',
      notice: { code: 'moved', where: 'Ward 5', at: start },
      waiting: 0,
    })
    expect(seat.effects).toEqual([
      { type: 'tell', call: 'session.secured', params: { sessionId: mira } },
      { type: 'close-workspace', sessionId: mira, slot: 0 },
    ])
    seat.send({ type: 'workspace.cleared', sessionId: mira, slot: 0, verified: true })
    expect(seat.told('session.cleared')).toEqual([{ sessionId: mira, verified: true }])
  })

  test.each([
    ['behind its shield', (seat: SeatDesk) => seat.call('seat.lock', {})],
    ['behind a countdown', (seat: SeatDesk) => seat.wait(290_000)],
    ['under a panel', (seat: SeatDesk) => seat.call('badges.open', {})],
    ['during a tap', (seat: SeatDesk) => seat.wait(4_000).tap('otto')],
    [
      'during a switch',
      (seat: SeatDesk) =>
        seat.wait(4_000).tap('otto').answer('tap.identify', anIdentity('otto', seat.now)),
    ],
    ['kept while somebody else works', (seat: SeatDesk) => seat.wait(4_000).signIn('otto')],
  ])('covers and closes it %s', (_, before) => {
    const seat = before(desk().signIn('mira'))
    const front = seat.visible
    seat.send(moved())
    expect(seat.told('session.secured')).toEqual([{ sessionId: mira }])
    expect(seat.effects).toContainEqual({ type: 'close-workspace', sessionId: mira, slot: 0 })
    expect(seat.visible).toBe(front === mira ? null : front)
    expect(seat.state.sessions.map(({ view }) => view.sessionId)).not.toContain(mira)
  })

  test('keeps saying where it went for somebody who comes back, and not for ever', () => {
    const seat = desk().signIn('mira').send(moved()).wait(599_000)
    expect(seat.screen).toMatchObject({ notice: { code: 'moved' } })
    expect(seat.wait(1_000).screen).toMatchObject({ name: 'locked', notice: null })
  })

  test('says nothing about a session that ended for another reason', () => {
    const seat = desk().signIn('mira').send(ended('inactivity'))
    expect(seat.told('session.secured')).toEqual([])
    expect(desk().signIn('mira').send(ended('replaced')).screen).toMatchObject({ notice: null })
  })

  test('hears of it with the next connection: covered before taps count, and told', () => {
    const seat = desk().signIn('mira').send({ type: 'authority.offline' })
    expect(seat.visible).toBe(mira)
    seat.send({ type: 'authority.hello', hello: aHello(seat.now) })
    expect(seat.visible).toBeNull()
    expect(seat.state.authority.state).toBe('offline')
    expect(seat.told('session.secured')).toEqual([{ sessionId: mira }])
    expect(seat.effects).toContainEqual({ type: 'close-workspace', sessionId: mira, slot: 0 })
  })

  test('says where, if the event was kept for it', () => {
    const seat = desk().signIn('mira').send({ type: 'authority.offline' }).send(moved()).online()
    expect(seat.screen).toMatchObject({ notice: { code: 'moved', where: 'Ward 5' } })
    expect(seat.state.sessions).toEqual([])
  })

  test('shows nothing after a sleep without warning before its owner was asked for', () => {
    const seat = desk().signIn('mira').send({ type: 'machine.back' })
    expect(seat.visible).toBeNull()
    expect(seat.screen).toMatchObject({ name: 'shielded' })
    expect(seat.told('session.shield')).toEqual([{ sessionId: mira, reason: 'lock' }])
  })
})

describe('the seat that a session comes to', () => {
  test('says that it continues here, not where from, and then where from', () => {
    const seat = desk()
    elsewhere(seat, 'mira', false)
    expect(seat.screen).toMatchObject({ name: 'verifying', elsewhere: true })
    seat.assert()
    const session = aSession('mira', seat.now)
    seat.answer('session.start', { outcome: 'signed-in', session, movedFrom })
    seat.send({ type: 'workspace.opened', sessionId: session.sessionId })
    expect(seat.screen).toMatchObject({ banner: { code: 'continued', where: 'Ward 3', at: start } })
    expect(seat.visible).toBe(mira)
    expect(seat.wait(6_000).screen).toMatchObject({ name: 'active', banner: null })
  })

  test('takes it over by the tap alone where policy lets it', () => {
    const seat = desk()
    elsewhere(seat, 'mira', true)
    expect(seat.screen).toEqual({ name: 'identifying', outgoing: null, elsewhere: true })
    const session = aSession('mira', seat.now)
    seat.answer('session.take', { outcome: 'signed-in', session, movedFrom })
    seat.send({ type: 'workspace.opened', sessionId: session.sessionId })
    expect(seat.visible).toBe(mira)
    expect(seat.screen).toMatchObject({ banner: { code: 'continued' } })
  })

  test('asks for the passkey when the tap was not enough after all', () => {
    const seat = desk()
    elsewhere(seat, 'mira', true).answer('session.take', {
      outcome: 'refused',
      reason: 'not-verified',
    })
    expect(seat.screen).toMatchObject({ name: 'verifying', elsewhere: true })
    expect(seat.pending.at(-1)).toMatchObject({ call: 'passkey.challenge' })
  })

  test('moves nothing where there is no room for it', () => {
    const seat = new SeatDesk({ 'session.places': 2 }).online()
    seat.signIn('otto').wait(4_000).signIn('zoe').wait(4_000)
    elsewhere(seat, 'mira', true)
    expect(seat.pending).toEqual([])
    expect(seat.screen).toMatchObject({ name: 'shielded', notice: { code: 'seat-full' } })
  })

  test('opens nothing of a session that moved on before its answer came', () => {
    const seat = desk().tap('mira').answer('tap.identify', anIdentity('mira', start)).assert()
    seat.send(moved())
    expect(seat.told('session.secured')).toEqual([{ sessionId: mira }])
    const session = aSession('mira', seat.now)
    seat.answer('session.start', { outcome: 'signed-in', session, movedFrom: null })
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'moved' } })
    expect(seat.effects).toEqual([])
  })

  test('leaves nothing open of a take-over that nobody waited for', () => {
    const seat = desk()
    elsewhere(seat, 'mira', true).call('signIn.cancel', {})
    const session = aSession('mira', seat.now)
    seat.answer('session.take', { outcome: 'signed-in', session, movedFrom })
    expect(seat.screen).toMatchObject({ name: 'locked' })
    expect(seat.told('session.end')).toEqual([{ sessionId: mira, reason: 'sign-out' }])
  })
})

describe('a colleague at an open seat', () => {
  const colleague = () =>
    desk().signIn('mira').wait(4_000).tap('otto').answer('tap.identify', anIdentity('otto', start))
  const secured = { sessionId: mira, reason: 'colleague', by: 'tap-2' }

  test.each([
    ['cancels', (seat: SeatDesk) => seat.call('signIn.cancel', {})],
    ['walks away', (seat: SeatDesk) => seat.wait(60_000).wait(60_000)],
    ['has the machine sleep', (seat: SeatDesk) => seat.send({ type: 'machine.leaving' })],
  ])('who %s has secured it, once', (_, then) => {
    const seat = colleague()
    expect(seat.visible).toBeNull()
    expect(seat.told('session.shield')).toEqual([{ sessionId: mira, reason: 'switch' }])
    then(seat)
    expect(seat.screen).toMatchObject({ name: 'shielded', owner: { label: 'mira T.' } })
    expect(seat.told('session.shield')).toEqual([secured])
    seat.call('seat.back', {})
    expect(seat.told('session.shield')).toEqual([])
  })

  test('who signs in has not', () => {
    const seat = colleague().assert()
    const session = aSession('otto', seat.now)
    seat.answer('session.start', { outcome: 'signed-in', session, movedFrom: null })
    expect(seat.told('session.shield')).toEqual([])
  })

  test('whose badge nobody knows covered it only as long as it was asked about', () => {
    const seat = desk().signIn('mira').wait(4_000).tap('stranger')
    expect(seat.visible).toBeNull()
    seat.answer('tap.identify', { outcome: 'refused' })
    expect(seat.visible).toBe(mira)
    expect(seat.told('session.shield')).toEqual([])
  })
})
