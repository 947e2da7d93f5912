import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  tuple,
} from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { nextDeadline } from './deadline.ts'
import type { SeatCall } from './events.ts'
import { inspecting } from './inspecting.ts'
import { snapshotOf } from './snapshot.ts'
import { sessionOf } from './sessions.ts'
import { aCredential, aHello, aReader, aSession, anIdentity, people } from './testing/builders.ts'
import type { SeatDesk } from './testing/seat-desk.ts'
import { Ward } from './testing/ward.ts'
import { visible } from './visible.ts'

/* No sequence of taps, ceremonies, timers, failures and disconnects breaks the rules of a seat. */

type Move = (ward: Ward) => void

const bareCalls = [
  'shell.activity',
  'signIn.withoutBadge',
  'signIn.retry',
  'signIn.cancel',
  'seat.lock',
  'seat.stay',
  'seat.signOut',
  'seat.back',
  'fallback.open',
  'fallback.decline',
  'override.open',
  'override.end',
  'passkeys.open',
  'enrolment.open',
  'reviews.open',
  'badges.open',
  'readers.open',
] as const

const call = (desk: SeatDesk): readonly SeatCall[] => {
  const ceremonyId = desk.ceremonyId()
  const response = aCredential
  const note = 'a reason of ten letters'
  return [
    { type: 'call', name: 'passkey.assert', input: { ceremonyId, response } },
    { type: 'call', name: 'passkey.fail', input: { ceremonyId, reason: 'cancelled' } },
    { type: 'call', name: 'fallback.submit', input: { reason: 'key-lost', note } },
    {
      type: 'call',
      name: 'override.submit',
      input: { patient: 'P-1', reason: 'transfer', note },
    },
    { type: 'call', name: 'enrolment.begin', input: { code: 'ABCD-1234' } },
    { type: 'call', name: 'enrolment.begin', input: { code: null } },
    { type: 'call', name: 'enrolment.finish', input: { enrolmentId: 'e', response, name: 'k' } },
    { type: 'call', name: 'application.reload', input: { application: 'ehr' } },
    { type: 'call', name: 'application.focus', input: { application: 'imaging' } },
    { type: 'call', name: 'passkeys.revoke', input: { passkeyId: 'k' } },
    { type: 'call', name: 'badges.add', input: { sameCard: null } },
    { type: 'call', name: 'badges.add', input: { sameCard: 'c1' } },
    {
      type: 'call',
      name: 'badges.assign',
      input: { name: 'card', kind: 'permanent', replaces: null },
    },
    {
      type: 'call',
      name: 'badges.assign',
      input: { name: 'card', kind: 'loaner', replaces: 'c2' },
    },
    { type: 'call', name: 'badges.lost', input: { cardId: 'c2' } },
    { type: 'call', name: 'badges.found', input: { cardId: 'c1' } },
    { type: 'call', name: 'badges.detach', input: { cardId: 'c1' } },
    { type: 'call', name: 'notice.answer', input: { noticeId: 'n1', answer: 'seen' } },
    { type: 'call', name: 'notice.answer', input: { noticeId: 'n2', answer: 'disputed' } },
    { type: 'call', name: 'readers.reveal', input: { reveal: true } },
    { type: 'call', name: 'readers.reveal', input: { reveal: false } },
  ]
}

const pick = <T>(list: readonly T[], index: number): T | undefined =>
  list[index % Math.max(1, list.length)]

const sessionMove = (index: number, act: (ward: Ward, id: never) => void): Move =>
  ((ward) => {
    const session = pick(ward.desk.state.sessions, index)
    if (session !== undefined) act(ward, session.view.sessionId as never)
  }) satisfies Move

const index = nat({ max: 7 })
const move: Arbitrary<Move> = oneof(
  {
    weight: 8,
    arbitrary: index.map(
      (who): Move =>
        (ward) =>
          ward.tap(who % 5),
    ),
  },
  {
    weight: 8,
    arbitrary: tuple(nat({ max: 3 }), integer({ min: 2, max: 5 })).map(
      ([who, steps]): Move =>
        (ward) =>
          ward.arrive(who, steps),
    ),
  },
  {
    weight: 6,
    arbitrary: tuple(nat({ max: 3 }), boolean(), integer({ min: 1, max: 8 })).map(
      ([who, addBadge, steps]): Move =>
        (ward) =>
          ward.tinker(who, addBadge, steps),
    ),
  },
  {
    weight: 12,
    arbitrary: tuple(index, index, boolean()).map(
      ([which, how, twice]): Move =>
        (ward) =>
          ward.answer(which, how, twice),
    ),
  },
  {
    weight: 8,
    arbitrary: index.map((n): Move => (ward) => {
      const chosen = pick(call(ward.desk), n < 5 ? 0 : n)
      if (chosen !== undefined) ward.send(chosen)
    }),
  },
  {
    weight: 4,
    arbitrary: nat({ max: 20 }).map((n): Move => (ward) => {
      const chosen = pick(call(ward.desk), n)
      if (chosen !== undefined) ward.send(chosen)
    }),
  },
  {
    weight: 5,
    arbitrary: constantFrom(...bareCalls).map((name): Move => (ward) => {
      ward.send({ type: 'call', name, input: {} })
    }),
  },
  {
    weight: 6,
    arbitrary: constantFrom(
      1,
      900,
      3_500,
      9_000,
      31_000,
      70_000,
      280_000,
      3_600_000,
      50_000_000,
    ).map((ms): Move => (ward) => {
      ward.desk.now += ms
      ward.send({ type: 'tick' })
    }),
  },
  {
    weight: 6,
    arbitrary: index.map((n) =>
      sessionMove(n, (ward, sessionId) => ward.send({ type: 'workspace.opened', sessionId })),
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(index, boolean()).map(
      ([n, verified]): Move =>
        (ward) =>
          ward.cleared(n, verified),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map((n) =>
      sessionMove(n, (ward, sessionId) =>
        ward.send({
          type: 'authority.event',
          event: { seq: 0, type: 'session.ended', sessionId, reason: 'revoked', moved: null },
        }),
      ),
    ),
  },
  {
    weight: 3,
    // Also of one whose answer is still on its way.
    arbitrary: tuple(index, boolean()).map(([n, early]): Move => (ward) => {
      const ids = early ? ward.coming() : ward.desk.state.sessions.map(({ view }) => view.sessionId)
      const sessionId = pick(ids, n)
      if (sessionId !== undefined) ward.moved(sessionId)
    }),
  },
  {
    weight: 2,
    arbitrary: index.map((n) =>
      sessionMove(n, (ward, sessionId) => {
        const held = sessionOf(ward.desk.state, sessionId)
        if (held === undefined) return
        const session = ward.boast(held.view)
        ward.send({
          type: 'authority.event',
          event: { seq: 0, type: 'session.changed', session },
        })
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: constantFrom<Move>(
      (ward) => ward.send({ type: 'activity' }),
      (ward) => ward.send({ type: 'two-badges', reader: 'r0' }),
      (ward) => ward.send({ type: 'machine.leaving' }),
      (ward) => ward.send({ type: 'machine.back' }),
      (ward) => ward.send({ type: 'authority.offline' }),
      (ward) => ward.send(aReader('unplugged')),
      (ward) => ward.send(aReader('ready')),
      (ward) => ward.sees(true),
      (ward) => ward.send({ type: 'fault', code: 'authority-stopped', reference: 'x' }),
    ).map((one) => one),
  },
  {
    weight: 3,
    arbitrary: boolean().map((forgetful): Move => (ward) => {
      const views = ward.desk.state.sessions.map(({ view }) => ward.boast(view))
      const hello = aHello(ward.desk.now, forgetful ? [] : views)
      ward.send({ type: 'authority.hello', hello })
      ward.send({ type: 'authority.online', hello })
    }),
  },
)

const runs = { numRuns: 3_000 }
const fewer = { numRuns: 1_500 }
const moves = array(move, { minLength: 1, maxLength: 60, size: 'max' })

const play = (sequence: readonly Move[], after?: (ward: Ward) => void): Ward => {
  const ward = new Ward()
  ward.send({ type: 'authority.online', hello: aHello(ward.desk.now) })
  for (const one of sequence) {
    one(ward)
    after?.(ward)
  }
  return ward
}

test('only the person who proved or resumed last is ever shown, and never with a tap pending', () => {
  let shown = 0
  assert(
    property(moves, (sequence) => {
      play(sequence, ({ desk, entitled }) => {
        const front = visible(desk.state)
        // Two people are never entitled at once: who comes was put aside for, first.
        expect(entitled.size).toBeLessThanOrEqual(1)
        if (front === null) return
        shown += 1
        expect([...entitled]).toEqual([front])
        expect(desk.screen).toMatchObject({ name: 'active', panel: null })
      })
    }),
    runs,
  )
  // The property is worth something only if workspaces were shown at all.
  expect(shown).toBeGreaterThan(1_000)
}, 60_000)

test('assurance shown never exceeds what a ceremony proved; a tap raises nothing', () => {
  assert(
    property(moves, (sequence) => {
      play(sequence, ({ desk, proven }) => {
        for (const { view } of desk.state.sessions) {
          const proof = proven.get(view.sessionId)
          expect(proof).toBeDefined()
          if (proof === undefined) return
          expect(view.assurance.aal).toBeLessThanOrEqual(proof.assurance.aal)
          expect(view.assurance.verifiedAt).toBeLessThanOrEqual(proof.assurance.verifiedAt)
          expect(view.tapGraceUntil).toBeLessThanOrEqual(proof.tapGraceUntil)
          expect(view.endsAt).toBeLessThanOrEqual(proof.endsAt)
        }
      })
    }),
    runs,
  )
}, 60_000)

test('every state has a screen, a deadline that lies ahead, and slots that nobody shares', () => {
  const screens = new Set<string>()
  assert(
    property(moves, (sequence) => {
      play(sequence, ({ desk, faults }) => {
        const snapshot = snapshotOf(desk.state, desk.policy, desk.now, 0)
        screens.add(snapshot.screen.name)
        expect(JSON.stringify(snapshot)).not.toContain('unknown-')
        const deadline = nextDeadline(desk.state, desk.policy)
        expect(deadline === null || deadline > desk.now).toBe(true)
        const { sessions, slots } = desk.state
        const taken = sessions.map(({ slot }) => slot)
        expect(new Set([...taken, ...slots.free]).size).toBe(taken.length + slots.free.length)
        expect(faults).toEqual([])
      })
    }),
    runs,
  )
  expect([...screens].toSorted()).toEqual([
    'active',
    'enrolling',
    'fallback',
    'fault',
    'identifying',
    'locked',
    'opening',
    'shielded',
    'signing-out',
    'verifying',
    'warning',
  ])
}, 60_000)

test('readers explain only to the test page, with digits only where that was allowed', () => {
  let tested = 0
  assert(
    property(moves, (sequence) => {
      play(sequence, ({ desk, inspect, allowed }) => {
        // Whatever led here, the readers were told what is so.
        expect({ on: inspect.on, reveal: inspect.reveal }).toEqual({
          on: inspecting(desk.state) !== null,
          reveal: inspecting(desk.state)?.reveal ?? false,
        })
        if (!inspect.on) return
        tested += 1
        const panel = { name: 'readers', failure: null, reveal: inspect.reveal }
        expect(desk.screen).toMatchObject({ name: 'active', panel })
        const front = desk.state.phase.name === 'active' ? desk.state.phase.sessionId : ''
        expect(allowed).toContain(`${front} false`)
        expect(inspect.reveal && !allowed.has(`${front} true`)).toBe(false)
      })
    }),
    fewer,
  )
  expect(tested).toBeGreaterThan(500)
}, 60_000)

test('a badge that is being added switches nobody, and no badge outlives its banner', () => {
  let enrolled = 0
  assert(
    property(moves, (sequence) => {
      const ward = play(sequence, ({ faults }) => expect(faults).toEqual([]))
      enrolled += ward.enrolled
    }),
    fewer,
  )
  expect(enrolled).toBeGreaterThan(500)
}, 60_000)

test('news about badges wait for every other banner, and none that was answered comes back', () => {
  let informed = 0
  assert(
    property(moves, (sequence) => {
      play(sequence, ({ desk }) => {
        const { state } = desk
        for (const { view, answered } of state.sessions)
          for (const { noticeId } of view.notices) expect(answered).not.toContain(noticeId)
        if (state.phase.name !== 'active') return
        const { screen } = desk
        if (screen.name !== 'active' || screen.banner?.code !== 'notice') return
        informed += 1
        expect(screen.session.notices).not.toEqual([])
        expect(state.phase).toMatchObject({ name: 'active', banner: null })
      })
    }),
    fewer,
  )
  expect(informed).toBeGreaterThan(500)
}, 60_000)

test('a session that went on elsewhere is covered and answered for, and nothing brings it back', () => {
  let gone = 0
  assert(
    property(moves, (sequence) => {
      const { away } = play(sequence, (ward) => {
        expect(ward.faults).toEqual([])
        for (const { view } of ward.desk.state.sessions)
          expect(ward.away).not.toContain(view.sessionId)
        expect(ward.away).not.toContain(visible(ward.desk.state))
      })
      gone += away.size
    }),
    fewer,
  )
  expect(gone).toBeGreaterThan(500)
}, 60_000)

test('from everywhere there is a way in: no dead end', () => {
  let arrived = 0
  assert(
    property(moves, (sequence) => {
      const { desk } = play(sequence)
      const held = desk.state.sessions.map(({ view }) => view)
      desk.online(held)
      // What was begun is broken off or runs out.
      desk.call('signIn.cancel', {}).call('seat.back', {}).wait(11_000)
      desk.call('signIn.cancel', {}).call('seat.back', {}).wait(1_000)
      const owner = desk.state.sessions[0]?.view ?? null
      const name = people.find((one) => `person-${one}` === owner?.person.personId) ?? 'mira'
      if (desk.state.phase.name === 'active' && desk.visible === owner?.sessionId) return
      desk.pending.length = 0
      desk.tap(name)
      if (desk.screen.name === 'active') return
      desk.answer('tap.identify', anIdentity(name, desk.now, owner))
      // No session here and no room: slots come back once they were cleared.
      if (owner === null && desk.state.slots.free.length === 0) return
      const session = owner ?? aSession(name, desk.now)
      if (desk.screen.name === 'identifying')
        desk.answer('session.resume', { outcome: 'signed-in', session, movedFrom: null })
      else if (desk.screen.name === 'verifying')
        desk.assert().answer('session.start', { outcome: 'signed-in', session, movedFrom: null })
      desk.send({ type: 'workspace.opened', sessionId: session.sessionId })
      expect(desk.visible).toBe(session.sessionId)
      arrived += 1
    }),
    runs,
  )
  expect(arrived).toBeGreaterThan(runs.numRuns / 3)
}, 60_000)
