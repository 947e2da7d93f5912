import { describe, expect, test } from 'vitest'
import { inspecting } from './inspecting.ts'
import { aPerson, anInspection, aReader, aSession } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const ivo = 'session-ivo'
const off = { type: 'inspect', on: false, reveal: false }
const engineer = () =>
  new SeatDesk().online().signIn('ivo', { person: { ...aPerson('ivo'), role: 'it-engineer' } })
const opened = () =>
  engineer().call('readers.open', {}).answer('readers.open', { outcome: 'allowed' })
const revealed = () =>
  opened().call('readers.reveal', { reveal: true }).answer('readers.open', { outcome: 'allowed' })
const saw = (seat: SeatDesk, held: string | null = 'i1', overrides = {}) =>
  seat.send({ type: 'inspection', held, inspection: anInspection(overrides) })

describe('the test page for readers', () => {
  test('is offered to engineers; the authority decides, and only then readers explain', () => {
    expect(engineer().screen).toMatchObject({ session: { mayTestReaders: true } })
    expect(new SeatDesk().online().signIn('mira').screen).toMatchObject({
      session: { mayTestReaders: false },
    })
    const seat = engineer().call('readers.open', {})
    expect(seat.effects).toMatchObject([
      { call: 'readers.open', params: { sessionId: ivo, reveal: false } },
    ])
    expect(inspecting(seat.state)).toBeNull()
    seat.answer('readers.open', { outcome: 'allowed' })
    expect(seat.effects).toEqual([{ type: 'inspect', on: true, reveal: false }])
    expect(seat.visible).toBeNull()
  })

  test('somebody else is told so; taps are obeyed as ever', () => {
    const seat = new SeatDesk().online().signIn('mira').call('readers.open', {})
    seat.answer('readers.open', { outcome: 'not-an-operator' })
    expect(seat.effects).toEqual([])
    expect(seat.screen).toMatchObject({ panel: { name: 'readers', failure: 'not-an-operator' } })
    expect(seat.tap('otto').screen.name).toBe('identifying')
  })

  test.each([
    ['unreachable', 'offline'],
    ['log-unavailable', 'log-unavailable'],
    ['internal', 'offline'],
  ] as const)('an authority that fails as %s opens nothing', (code, failure) => {
    const seat = engineer().call('readers.open', {}).fail(code)
    expect(seat.screen).toMatchObject({ panel: { failure, inspections: [] } })
    expect(inspecting(seat.state)).toBeNull()
  })

  test('digits show only once the authority has recorded who asked', () => {
    const seat = opened().call('readers.reveal', { reveal: true })
    expect(seat.effects).toMatchObject([{ call: 'readers.open', params: { reveal: true } }])
    expect(seat.screen).toMatchObject({ panel: { reveal: false } })
    seat.answer('readers.open', { outcome: 'allowed' })
    expect(seat.effects).toEqual([{ type: 'inspect', on: true, reveal: true }])
    expect(seat.screen).toMatchObject({ panel: { reveal: true } })
  })

  test('hiding the digits asks nobody, and hides those that are on the screen', () => {
    const seat = saw(revealed()).call('readers.reveal', { reveal: false })
    expect(seat.effects).toEqual([{ type: 'inspect', on: true, reveal: false }])
    expect(seat.screen).toMatchObject({ panel: { reveal: false, inspections: [] } })
  })

  test('an answer that comes after the digits were hidden again reveals nothing', () => {
    const seat = opened().call('readers.reveal', { reveal: true })
    seat.call('readers.reveal', { reveal: false }).answer('readers.open', { outcome: 'allowed' })
    expect(inspecting(seat.state)).toEqual({ reveal: false })
  })

  test('nothing is revealed on a page that is not open', () => {
    const seat = engineer().call('readers.open', {}).call('readers.reveal', { reveal: true })
    expect(seat.refusal).toBe('not-now')
    expect(engineer().call('readers.reveal', { reveal: true }).refusal).toBe('not-now')
  })

  test('what a reader saw is shown and signalled, and its badge looked up', () => {
    const seat = saw(opened(), 'i1', { model: 'OMNIKEY' })
    expect(seat.effects).toEqual([
      { type: 'feedback', reader: 'r1', signal: 'accepted' },
      {
        type: 'ask-badge',
        request: expect.any(Number),
        call: 'readers.test',
        held: 'i1',
        params: { sessionId: ivo },
      },
    ])
    expect(seat.screen).toMatchObject({
      panel: { inspections: [{ model: 'OMNIKEY', at: seat.now, known: null }] },
    })
    seat.answer('readers.test', { outcome: 'tested', tag: '01ab23', status: 'lost' })
    expect(seat.screen).toMatchObject({
      panel: { inspections: [{ known: { tag: '01ab23', status: 'lost' } }] },
    })
  })

  test('no badge: signalled as refused, and nothing is asked', () => {
    const seat = saw(opened(), null, { result: { outcome: 'no-badge', reason: 'parity' } })
    expect(seat.effects).toEqual([{ type: 'feedback', reader: 'r1', signal: 'refused' }])
    expect(seat.screen).toMatchObject({ panel: { inspections: [{ known: null }] } })
  })

  test('the newest five are kept, the newest first', () => {
    const seat = opened()
    for (const raw of ['1', '2', '3', '4', '5', '6', '7']) saw(seat, null, { raw })
    expect(seat.screen).toMatchObject({
      panel: { inspections: ['7', '6', '5', '4', '3'].map((raw) => ({ raw })) },
    })
  })

  test('a lookup that is refused or not answered closes the page: readers serve people again', () => {
    const refused = saw(opened()).answer('readers.test', { outcome: 'not-an-operator' })
    expect(refused.effects).toEqual([off])
    expect(refused.screen).toMatchObject({ panel: { failure: 'not-an-operator' } })
    const lost = saw(opened()).fail('unreachable')
    expect(lost.effects).toEqual([off])
    expect(lost.screen).toMatchObject({ panel: { failure: 'offline' } })
  })

  test('a tap that was on its way is no tap', () => {
    const seat = opened().tap('otto')
    expect(seat.effects).toEqual([])
    expect(seat.screen).toMatchObject({ panel: { name: 'readers' } })
  })

  test('what a reader explains to nobody is dropped', () => {
    for (const seat of [engineer(), new SeatDesk().online(), opened().call('seat.back', {})]) {
      const { screen } = seat
      expect(saw(seat).effects).toEqual([])
      expect(seat.screen).toEqual(screen)
    }
  })
})

describe('readers are given back', () => {
  const { sessionId } = aSession('ivo', 0)
  test.each([
    ['the page is closed', (seat: SeatDesk) => seat.call('seat.back', {})],
    ['another panel opens', (seat: SeatDesk) => seat.call('badges.open', {})],
    ['a badge is to be added', (seat: SeatDesk) => seat.call('badges.add', { sameCard: null })],
    ['the passkeys open', (seat: SeatDesk) => seat.call('passkeys.open', {})],
    ['the seat is locked', (seat: SeatDesk) => seat.call('seat.lock', {})],
    ['the engineer signs out', (seat: SeatDesk) => seat.call('seat.signOut', {})],
    ['the countdown starts', (seat: SeatDesk) => seat.wait(270_000)],
    ['the shield comes down late', (seat: SeatDesk) => seat.wait(900_000)],
    ['the session reaches its end', (seat: SeatDesk) => seat.wait(13 * 3_600_000)],
    ['the machine is left', (seat: SeatDesk) => seat.send({ type: 'machine.leaving' })],
    [
      'a fault comes up',
      (seat: SeatDesk) => seat.send({ type: 'fault', code: 'store-full', reference: 'x' }),
    ],
    [
      'the authority ends the session',
      (seat: SeatDesk) =>
        seat.send({
          type: 'authority.event',
          event: { seq: 1, type: 'session.ended', sessionId, reason: 'revoked', moved: null },
        }),
    ],
    ['the authority forgot the session', (seat: SeatDesk) => seat.online([])],
  ])('when %s', (_when, leave) => {
    const seat = leave(revealed())
    expect(inspecting(seat.state)).toBeNull()
    expect(seat.effects).toContainEqual(off)
  })

  test('when nobody uses or taps for 5 minutes, by the page itself', () => {
    const seat = new SeatDesk({ 'shield.inactivity': 600_000 }).online()
    seat.signIn('ivo').call('readers.open', {}).answer('readers.open', { outcome: 'allowed' })
    saw(seat.wait(200_000), null).wait(299_999)
    expect(inspecting(seat.state)).not.toBeNull()
    seat.wait(1)
    expect(seat.screen).toMatchObject({ name: 'active', panel: null })
    expect(seat.effects).toEqual([off])
  })

  test('not while only the authority is away: a reader that comes back hears of it anew', () => {
    const seat = opened().send({ type: 'authority.offline' })
    expect(seat.effects).toEqual([])
    seat.send(aReader('silent')).send(aReader('ready'))
    expect(seat.effects).toContainEqual({ type: 'inspect', on: true, reveal: false })
    expect(seat.send(aReader('ready')).effects).toEqual([])
  })
})

test('the page lists each reader with what to do; that none was found is moot beside one', () => {
  const seat = opened().send(aReader('starting', 'none:hid'))
  expect(seat.screen).toMatchObject({ panel: { readers: [{ reader: 'none:hid' }] } })
  seat.send({ ...aReader('silent', 'r1'), detail: 'Plug it in again.' })
  expect(seat.screen).toMatchObject({
    panel: {
      readers: [{ reader: 'r1', model: 'pcProx', status: 'silent', detail: 'Plug it in again.' }],
    },
  })
  seat.send(aReader('driver-missing', 'none:hid'))
  expect(seat.screen).toMatchObject({
    panel: { readers: [{ status: 'driver-missing' }, { status: 'silent' }] },
  })
  // The same state in other words is no second report.
  expect(seat.send(aReader('silent', 'r1')).effects).toEqual([])
})
