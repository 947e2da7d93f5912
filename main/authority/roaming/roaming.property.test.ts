/* oxlint-disable vitest/no-conditional-expect -- what must hold depends on what the step did; the counts at the end show that it did something */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { Caller } from '../context.ts'
import type { AuthorityEvent, SessionId } from '../protocol/index.ts'

const minutes = 60_000
const places = ['ws-1', 'ws-2', 'ws-3'].map(
  (id) => ({ workstation: { id, name: `Place ${id}` } }) as unknown as Caller,
)
const people = ['maria', 'tom'] as const
type Name = (typeof people)[number]

const base = { person: fc.constantFrom(...people), seat: fc.nat(2) }
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('tap' as const), ...base }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), which: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('secure' as const), seat: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), seat: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), ...base }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 500, 1_999, 2_000, 2_000, 2_000, 2_000, minutes, 20 * minutes),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Asked {
  readonly person: Name
  readonly caller: Caller
  readonly tapId: string
  readonly ceremony: { readonly ceremonyId: string; readonly options: { challenge: string } }
}
interface World {
  readonly f: AuthorityFixture
  readonly keys: Record<Name, SoftwarePasskey>
  readonly asked: Asked[]
  /** What each seat heard that it has to cover, and has not answered. */
  readonly toSecure: Map<string, SessionId[]>
  /** Where each person was active last, by the answers alone. */
  readonly active: Map<Name, string>
  readonly seen: Record<'moved' | 'taken' | 'unsecured' | 'late', number>
}

async function act({ f, keys, asked, toSecure, active, seen }: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'tap': {
      const caller = places[step.seat] ?? f.here
      const { tapId, ceremony, elsewhere, session } = await f.tap(step.person, { caller })
      if (session) expect(elsewhere).toBe(null)
      asked.push({ person: step.person, caller, tapId, ceremony })
      return
    }
    case 'answer':
    case 'take': {
      const one = asked.at(-1 - step.which)
      if (!one) return
      const { person, caller, tapId, ceremony } = one
      const response = keys[person].assert(ceremony.options)
      const answer =
        step.do === 'take'
          ? await f.call('session.take', { tapId }, caller)
          : await f.call('session.start', { ceremonyId: ceremony.ceremonyId, response }, caller)
      if (answer.outcome !== 'signed-in') return
      if (answer.movedFrom) {
        expect(answer.movedFrom.where).toBe(`Place ${active.get(person)}`)
        seen[step.do === 'take' ? 'taken' : 'moved'] += 1
      }
      active.set(person, caller.workstation.id)
      return
    }
    case 'secure':
    case 'clear': {
      const caller = places[step.seat] ?? f.here
      const sessionId = toSecure.get(caller.workstation.id)?.pop()
      if (!sessionId) return
      if (step.do === 'secure') await f.call('session.secured', { sessionId }, caller)
      else await f.call('session.cleared', { sessionId, verified: true }, caller)
      return
    }
    case 'end': {
      const caller = places[step.seat] ?? f.here
      const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
      const mine = sessions.find(({ person }) => person.personId === step.person)
      if (mine)
        await f.call('session.end', { sessionId: mine.sessionId, reason: 'sign-out' }, caller)
      return
    }
    case 'restart':
      await f.restart()
      listen(f, toSecure)
      return
    case 'tick':
      await f.authority.tick()
      return
    case 'wait':
      f.advance(step.ms)
  }
}

function listen(f: AuthorityFixture, toSecure: World['toSecure']): void {
  for (const { workstation } of places)
    f.authority.events.subscribe(workstation.id, (event: AuthorityEvent) => {
      if (event.type !== 'session.ended' || event.reason !== 'moved') return
      expect(event.moved?.where).not.toBe(workstation.name)
      toSecure.set(workstation.id, [...(toSecure.get(workstation.id) ?? []), event.sessionId])
    })
}

/** What must hold of the tables after every step. */
async function check({ f }: World): Promise<void> {
  const open = await f.db.read
    .selectFrom('sessions')
    .select(['person_id', 'workstation_id'])
    .where('ended_at', 'is', null)
    .execute()
  expect(new Set(open.map(({ person_id }) => person_id)).size).toBe(open.length)
  const moved = f.eventsOf('session.moved').length
  const ends = f.eventsOf('session.ended').filter(({ detail }) => detail['reason'] === 'moved')
  expect(ends).toHaveLength(moved)
  const rows = await f.db.read.selectFrom('handovers').selectAll().execute()
  expect(rows).toHaveLength(moved)
  for (const row of rows) {
    const at = { from: row.from_workstation_id, to: row.to_workstation_id }
    expect(at.from).not.toBe(at.to)
    if (row.unsecured_at !== null) expect(row.unsecured_at).toBeGreaterThanOrEqual(row.due_at)
    if (row.cleared_at !== null) expect(row.secured_at).not.toBe(null)
  }
}

/** At the end every seat that was left is either covered or known not to be, and told of once. */
async function settle({ f, seen }: World): Promise<void> {
  f.advance(f.policy['roaming.secureWithin'])
  await f.authority.tick()
  await f.authority.tick()
  const rows = await f.db.read.selectFrom('handovers').selectAll().execute()
  const recorded = (name: 'seat.unsecured' | 'session.secured' | 'seat.secured') =>
    f.eventsOf(name).map(({ session }) => session)
  const of = (chosen: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(chosen).map((row) => row.from_session_id)
  expect(of((row) => row.secured_at === null && row.unsecured_at === null)).toEqual([])
  const same = (a: readonly (string | null | undefined)[], b: readonly string[]) => {
    expect(a).toHaveLength(b.length)
    expect(new Set(a)).toEqual(new Set(b))
  }
  same(
    recorded('seat.unsecured'),
    of((row) => row.unsecured_at !== null),
  )
  same(
    recorded('session.secured'),
    of((row) => row.secured_at !== null),
  )
  same(
    recorded('seat.secured'),
    of((row) => row.secured_at !== null && row.unsecured_at !== null),
  )
  const notices = await f.db.read
    .selectFrom('notices')
    .select(['about', 'person_id'])
    .where('kind', '=', 'seat-unsecured')
    .where('answered_at', 'is', null)
    .where('person_id', '!=', 'cora')
    .execute()
  const unsecured = of((row) => row.secured_at === null)
  same(
    notices.map(({ about }) => about),
    unsecured,
  )
  seen.unsecured += unsecured.length
  seen.late += recorded('seat.secured').length
}

test('however people move, one seat is theirs, and every seat they left is covered or marked', async () => {
  const seen = { moved: 0, taken: 0, unsecured: 0, late: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 50, maxLength: 80, size: 'max' }),
      async (steps) => {
        const f = await authorityFixture({
          people: [...people.map((name) => staff(name)), staff('cora', { role: 'charge-nurse' })],
          policy: { 'roaming.tapGrace': 30 * minutes, 'badge.walkTime': 0 },
        })
        try {
          const keys = { maria: await f.enrol('maria'), tom: await f.enrol('tom') }
          const world: World = { f, keys, asked: [], toSecure: new Map(), active: new Map(), seen }
          listen(f, world.toSecure)
          for (const each of steps) {
            await act(world, each)
            await check(world)
          }
          await settle(world)
        } finally {
          await f.dispose()
        }
      },
    ),
    { numRuns: 100 },
  )
  // The sequences must get somewhere for their silence to mean anything.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
}, 120_000)
