import { expect, test } from 'vitest'
import { defaultPolicy } from '../../policy/effective-policy.ts'
import { snapshotOf } from './snapshot.ts'
import { aHello, aSession, start } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const until = start + 12 * 3_600_000
const offline = { since: start, until, people: 7 }
const alone = (seat: SeatDesk) => ({
  type: 'authority.online' as const,
  hello: {
    ...aHello(
      seat.now,
      seat.state.sessions.map(({ view }) => view),
    ),
    offline,
  },
})
const shown = (seat: SeatDesk, now = seat.now) =>
  snapshotOf(seat.state, defaultPolicy(), now, 0).authority

test('a workstation that answers by itself says since when, and until when people can sign in', () => {
  const seat = new SeatDesk().online()
  expect(shown(seat).alone).toBeNull()
  seat.send(alone(seat))
  expect(shown(seat)).toMatchObject({
    state: 'online',
    alone: { since: start, until, over: false },
  })
  expect(shown(seat, until).alone).toMatchObject({ over: true })
  seat.send({ type: 'authority.online', hello: aHello(seat.now) })
  expect(shown(seat).alone).toBeNull()
})

test('a badge that it does not know is refused with what to do without the network', () => {
  const seat = new SeatDesk().online()
  seat.send(alone(seat)).tap('mira').answer('tap.identify', { outcome: 'refused' })
  expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'badge-refused-offline' } })
})

test('what is open stays open when the workstation goes on by itself', () => {
  const seat = new SeatDesk().online().signIn('mira')
  seat.send(alone(seat))
  expect(seat.screen).toMatchObject({ name: 'active' })
  expect(seat.visible).toBe(aSession('mira', seat.now).sessionId)
})
