/* oxlint-disable vitest/no-conditional-expect -- what must hold depends on what the step did; the counts at the end show that it did something */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  type Identified,
  otherWorkstation,
  staff,
} from '../../test/support/authority.ts'
import type { Dishonesty, SoftwarePasskey } from '../../test/support/passkey.ts'
import type { Caller } from './context.ts'
import type { SessionView } from './protocol/index.ts'

const people = ['maria', 'tom'] as const
type Name = (typeof people)[number]
const minutes = 60_000

const person = fc.constantFrom(...people)
/** How long ago it came: mostly the last. */
const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(8))
/** The right key at the right place, or anybody's anywhere. */
const fitting = fc.integer({ min: 0, max: 3 }).map((n) => n > 0)
const lie = fc.constantFrom<Dishonesty>(
  {},
  {},
  {},
  { userVerified: false },
  { forged: true },
  { origin: 'https://evil.example' },
  { userHandle: null },
)
const elsewhere = fc.integer({ min: 0, max: 3 }).map((n) => n === 0)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tap' as const),
      person,
      elsewhere,
      witness: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('challenge' as const),
      person: fc.option(person),
      elsewhere,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      which,
      fitting,
      key: person,
      lie,
      elsewhere,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('resume' as const),
      session: which,
      tap: which,
      fitting,
      elsewhere,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shield' as const), session: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('activity' as const), session: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), session: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), tap: which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('vouch' as const),
      request: which,
      fitting,
      key: person,
      lie,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, minutes, minutes, 31 * minutes),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(-2e8, 2e8) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface World {
  readonly f: AuthorityFixture
  readonly keys: Record<Name, SoftwarePasskey>
  readonly taps: { tap: Identified; person: Name; at: number; place: string; used: boolean }[]
  readonly ceremonies: { id: string; challenge: string; of: Name | null; place: Caller }[]
  readonly requests: { id: string; person: Name }[]
  readonly sessions: SessionView[]
  /** Sessions that may not act any more, whether or not a row says so yet. */
  readonly ended: Set<string>
  /** When each ended, as its row says. */
  readonly closed: Map<string, number>
  /** When each person last proved themselves, by workstation. */
  readonly proofs: Map<string, number>
  resumed: number
}

const pick = <T>(from: readonly T[], which: number): T | undefined =>
  from.at(-1 - (which % Math.max(1, from.length)))
const isLie = (of: Dishonesty) => of.userHandle === undefined && Object.keys(of).length > 0

/** Does one step, and says what must not be seen in its answer. */
async function act(world: World, step: Step): Promise<void> {
  const { f, keys, taps, ceremonies, requests, sessions, ended, proofs } = world
  const at = (away: boolean): Caller => (away ? otherWorkstation : f.here)
  const failed = (error: unknown) => {
    expect(['session-ended', 'not-found', 'conflict']).toContain((error as Error).message)
    return null
  }
  switch (step.do) {
    case 'tap': {
      const caller = at(step.elsewhere)
      const purpose = step.witness ? 'witness' : 'sign-in'
      const tap = await f.tap(step.person, { caller, purpose })
      const place = caller.workstation.id
      taps.push({ tap, person: step.person, at: f.now(), place, used: step.witness })
      const { ceremonyId, options } = tap.ceremony
      ceremonies.push({
        id: ceremonyId,
        challenge: options.challenge,
        of: step.person,
        place: caller,
      })
      if (tap.session) expect(ended).not.toContain(tap.session.sessionId)
      return
    }
    case 'challenge': {
      const personId = step.person as never
      const params = { purpose: 'sign-in', personId } as const
      const place = at(step.elsewhere)
      const { ceremonyId, options } = await f.call('passkey.challenge', params, place)
      ceremonies.push({ id: ceremonyId, challenge: options.challenge, of: step.person, place })
      return
    }
    case 'start': {
      const ceremony = pick(ceremonies, step.which)
      if (!ceremony) return
      const caller = step.fitting ? ceremony.place : at(step.elsewhere)
      const holder = (step.fitting && ceremony.of) || step.key
      const response = keys[holder].assert({ challenge: ceremony.challenge }, step.lie)
      const answer = await f.call('session.start', { ceremonyId: ceremony.id, response }, caller)
      if (answer.outcome === 'refused') return
      expect(isLie(step.lie)).toBe(false)
      const { session } = answer
      expect(session).toMatchObject({
        kind: 'standard',
        person: { personId: holder },
        assurance: { aal: 2, verifiedAt: f.now() },
      })
      expect(ended).not.toContain(session.sessionId)
      proofs.set(`${holder} ${caller.workstation.id}`, f.now())
      if (!sessions.some((known) => known.sessionId === session.sessionId)) sessions.push(session)
      return
    }
    case 'resume': {
      const session = pick(sessions, step.session)
      const owner = session?.person.personId
      const fit = taps.filter((tap) => tap.person === owner && !tap.used)
      const tap = pick(step.fitting ? fit : taps, step.tap)
      if (!session || !tap) return
      const { sessionId } = session
      const tapped = tap.place === f.here.workstation.id ? f.here : otherWorkstation
      const caller = step.fitting ? tapped : at(step.elsewhere)
      const params = { sessionId, tapId: tap.tap.tapId }
      const answer = await f.call('session.resume', params, caller).catch(failed)
      if (answer?.outcome !== 'signed-in') return
      const { assurance, kind } = answer.session
      expect(ended).not.toContain(sessionId)
      expect(session.person.personId).toBe(tap.person)
      expect(tap).toMatchObject({ used: false, place: caller.workstation.id })
      expect(f.now() - tap.at).toBeLessThan(2 * minutes)
      expect(f.now() - assurance.verifiedAt).toBeLessThan(f.policy['session.tapGrace'])
      if (kind === 'standard')
        expect(assurance.verifiedAt).toBe(proofs.get(`${tap.person} ${caller.workstation.id}`))
      else expect(assurance.aal).toBe(0)
      tap.used = true
      world.resumed += 1
      return
    }
    case 'shield':
    case 'activity': {
      const session = pick(sessions, step.session)
      if (!session) return
      const { sessionId } = session
      const answer = await (
        step.do === 'shield'
          ? f.call('session.shield', { sessionId, reason: 'lock' })
          : f.call('session.activity', { sessionId })
      ).catch(failed)
      if (answer) expect(ended).not.toContain(sessionId)
      return
    }
    case 'end': {
      const session = pick(sessions, step.session)
      if (!session) return
      const { sessionId } = session
      await f.call('session.end', { sessionId, reason: 'sign-out' }).catch(failed)
      return
    }
    case 'ask': {
      const tap = pick(taps, step.tap)
      if (!tap) return
      const note = 'lost it on the way here'
      const params = { tapId: tap.tap.tapId, reason: 'key-lost', note } as const
      const answer = await f.call('fallback.request', params)
      if (answer.outcome === 'refused') return
      expect(tap).toMatchObject({ used: false, place: f.here.workstation.id })
      tap.used = true
      requests.push({ id: answer.requestId, person: tap.person })
      return
    }
    case 'vouch': {
      const request = pick(requests, step.request)
      if (!request) return
      const colleague = request.person === 'maria' ? 'tom' : 'maria'
      const witness = step.fitting ? colleague : step.key
      const { ceremony } = await f.tap(witness, { purpose: 'witness' })
      const { ceremonyId, options } = ceremony
      const response = keys[step.fitting ? witness : step.key].assert(options, step.lie)
      const answer = await f.call('fallback.approve', {
        requestId: request.id,
        ceremonyId,
        response,
      })
      if (answer.outcome !== 'signed-in') return
      expect(isLie(step.lie)).toBe(false)
      expect(witness).not.toBe(request.person)
      expect(answer.session).toMatchObject({
        kind: 'fallback',
        scope: 'reduced',
        person: { personId: request.person },
        assurance: { aal: 0 },
      })
      sessions.push(answer.session)
      return
    }
    case 'wait':
      f.advance(step.ms)
      return
    case 'jump':
      f.jumpWall(step.ms)
      return
    case 'tick':
      await f.authority.tick()
  }
}

/** What must hold of the tables after every step. */
async function check({ f, ended, closed, proofs }: World): Promise<void> {
  const rows = await f.db.read.selectFrom('sessions').selectAll().execute()
  for (const row of rows) {
    const before = closed.get(row.session_id)
    if (before !== undefined) expect(row.ended_at).toBe(before)
    if (row.ended_at !== null) {
      ended.add(row.session_id)
      closed.set(row.session_id, row.ended_at)
    }
    const over = f.now() >= row.last_activity_at + f.policy['session.inactivity']
    if (over || f.now() >= row.ends_at) ended.add(row.session_id)
    if (row.kind === 'fallback') {
      expect(row.aal).toBe(0)
      expect(row.witness_id).not.toBe(row.person_id)
      expect(row.ends_at - row.started_at).toBe(f.policy['emergency.witnessed'])
    } else if (row.ended_at === null)
      expect(row.verified_at).toBe(proofs.get(`${row.person_id} ${row.workstation_id}`))
  }
  const open = rows.filter(({ ended_at }) => ended_at === null)
  const owners = open.map((row) => row.person_id)
  expect(new Set(owners).size).toBe(owners.length)
  const live = await f.call('agent.hello', { protocol: 1, afterSeq: 0 })
  for (const { sessionId } of live.sessions) expect(ended).not.toContain(sessionId)
}

test('no sequence of calls yields more than was proven, another session, or life after the end', async () => {
  const seen = { standard: 0, fallback: 0, resumed: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 50, minLength: 25, size: 'max' }),
      async (steps) => {
        const f = await authorityFixture({
          people: people.map((name) => staff(name)),
          policy: { 'emergency.quota': 100, 'passkey.attempts': 100 },
        })
        try {
          const keys = { maria: await f.enrol('maria'), tom: await f.enrol('tom') }
          const world: World = {
            f,
            keys,
            taps: [],
            ceremonies: [],
            requests: [],
            sessions: [],
            ended: new Set(),
            closed: new Map(),
            proofs: new Map(),
            resumed: 0,
          }
          for (const each of steps) {
            await act(world, each)
            await check(world)
          }
          for (const { kind } of world.sessions) seen[kind] += 1
          seen.resumed += world.resumed
        } finally {
          await f.dispose()
        }
      },
    ),
    { numRuns: 200 },
  )
  // The sequences must get somewhere for their silence to mean anything.
  expect(seen.standard).toBeGreaterThan(40)
  expect(seen.resumed).toBeGreaterThan(10)
  expect(seen.fallback).toBeGreaterThan(0)
}, 120_000)
