import { expect, test } from 'vitest'
import { aHello, aSession, start } from './testing/builders.ts'
import type { Name } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const id = (name: Name) => aSession(name, start).sessionId
const offline = { since: start, until: start + 12 * 3_600_000, people: 7 }
const sessions = (seat: SeatDesk) => seat.state.sessions.map(({ view }) => view)

const alone = (seat: SeatDesk) =>
  seat.send({
    type: 'authority.online',
    hello: { ...aHello(seat.now, sessions(seat)), offline },
  })
const back = (seat: SeatDesk) => seat.online(sessions(seat))
const failed = (seat: SeatDesk, name: Name, application: string, ago: number | null) =>
  seat.send({
    type: 'application',
    sessionId: id(name),
    application,
    state: 'failed',
    ...(ago !== null && { unanswered: { ago } }),
  })
const relaunched = (seat: SeatDesk) =>
  seat.effects.flatMap((effect) =>
    effect.type === 'relaunch' ? [`${effect.sessionId} ${effect.application}`] : [],
  )
const tiles = (seat: SeatDesk) =>
  seat.screen.name === 'active' ? seat.screen.applications.map(({ state }) => state) : null

/** Mira signed in while the workstation answers by itself. */
const signedInAlone = () => {
  const seat = new SeatDesk().online()
  return alone(seat).signIn('mira')
}

test('what failed for want of the authority opens once it is back, and only once', () => {
  const seat = signedInAlone()
  failed(seat, 'mira', 'ehr', 5)
  failed(seat, 'mira', 'imaging', 5)
  expect(relaunched(seat)).toEqual([])
  seat.wait(60_000)
  back(seat)
  expect(relaunched(seat)).toEqual(['session-mira ehr', 'session-mira imaging'])
  expect(tiles(seat)).toEqual(['opening', 'opening'])
  back(seat)
  expect(relaunched(seat)).toEqual([])
})

test('a workstation that is connected to nobody but itself launches nothing', () => {
  const seat = signedInAlone()
  failed(seat, 'mira', 'ehr', 5)
  alone(seat)
  expect(relaunched(seat)).toEqual([])
  expect(tiles(seat)).toEqual(['failed', 'opening'])
})

test('what failed by itself waits for its owner', () => {
  const seat = signedInAlone()
  failed(seat, 'mira', 'ehr', null)
  back(seat.wait(60_000))
  expect(relaunched(seat)).toEqual([])
  expect(tiles(seat)).toEqual(['failed', 'opening'])
})

test('what works, or was opened by its owner meanwhile, is left alone', () => {
  const seat = signedInAlone()
  const sessionId = id('mira')
  seat.send({ type: 'application', sessionId, application: 'imaging', state: 'ready' })
  failed(seat, 'mira', 'ehr', 5)
  seat.call('application.reload', { application: 'ehr' })
  expect(relaunched(seat)).toEqual(['session-mira ehr'])
  back(seat.wait(1_000))
  expect(relaunched(seat)).toEqual([])
  expect(tiles(seat)).toEqual(['opening', 'ready'])
})

test('a launch that began before the authority was back, and fails after, is begun anew', () => {
  const seat = signedInAlone()
  back(seat.wait(10_000))
  failed(seat.wait(5_000), 'mira', 'ehr', 12_000)
  expect(relaunched(seat)).toEqual(['session-mira ehr'])
  expect(tiles(seat)).toEqual(['opening', 'opening'])
})

test('one that began after is not begun anew before the next connection', () => {
  const seat = signedInAlone()
  back(seat.wait(10_000))
  failed(seat.wait(5_000), 'mira', 'ehr', 4_000)
  expect(relaunched(seat)).toEqual([])
  expect(tiles(seat)).toEqual(['failed', 'opening'])
  back(seat.wait(1_000))
  expect(relaunched(seat)).toEqual(['session-mira ehr'])
})

test('a covered session opens its applications too, and stays covered', () => {
  const seat = signedInAlone()
  failed(seat, 'mira', 'ehr', 5)
  seat.call('seat.lock', {})
  const covered = seat.screen
  expect(seat.visible).toBeNull()
  back(seat.wait(1_000))
  expect(relaunched(seat)).toEqual(['session-mira ehr'])
  expect(seat.visible).toBeNull()
  expect(seat.screen.name).toBe(covered.name)
})

test('a session that is over when the authority is back opens nothing', () => {
  const seat = signedInAlone()
  failed(seat, 'mira', 'ehr', 5)
  seat.online([])
  expect(relaunched(seat)).toEqual([])
})
