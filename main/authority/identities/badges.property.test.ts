/* oxlint-disable vitest/no-conditional-expect -- what must hold depends on what the step did; the count at the end shows that it did something */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { Caller } from '../context.ts'
import type { SessionView } from '../protocol/index.ts'

const people = ['maria', 'tom'] as const
type Name = (typeof people)[number]
const badges = ['WIEGAND|H10301|26|17|54021', 'ISO14443A|RAW|56|04a1b2c3d4e5f6'] as const
type Badge = (typeof badges)[number]
const life = 3_600_000

/** What the rules say of one badge, kept beside the database. */
interface Model {
  owner: Name | null
  status: 'active' | 'lost'
  cardId: string
  endsAt: number | null
  stock: boolean
}
interface World {
  readonly f: AuthorityFixture
  readonly keys: Record<Name, SoftwarePasskey>
  readonly sessions: Record<Name, SessionView>
  readonly models: Record<Badge, Model>
  assigned: number
  taps: number
}

const person = fc.constantFrom(...people)
const badge = fc.constantFrom(...badges)
const kind = fc.constantFrom('permanent' as const, 'loaner' as const)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), person, badge, kind }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tap' as const), badge }) },
  ...(['lost', 'found', 'detach'] as const).map((act) => ({
    weight: 2,
    arbitrary: fc.record({ do: fc.constant(act), person, badge }),
  })),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, life - 1, life),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const at = (f: AuthorityFixture, person: Name): Caller =>
  person === 'maria' ? f.here : otherWorkstation
/** What is over belongs to nobody, before any sweep. */
const ownerOf = ({ owner, endsAt }: Model, now: number) =>
  endsAt !== null && endsAt <= now ? null : owner

async function signIn({ f, keys, sessions }: World): Promise<void> {
  for (const name of people) sessions[name] = await f.signIn(name, keys[name], at(f, name))
}

async function act(world: World, step: Step): Promise<void> {
  const { f, keys, sessions, models } = world
  switch (step.do) {
    case 'tap': {
      const model = models[step.badge]
      const tapId = `tap-${(world.taps += 1)}`
      const params = { tapId, badge: step.badge, reader: 'r', purpose: 'sign-in' } as const
      const answer = await f.call('tap.identify', params)
      const named = answer.outcome === 'identified' ? answer.person.personId : null
      expect(named).toBe(model.status === 'active' ? ownerOf(model, f.now()) : null)
      return
    }
    case 'add': {
      const model = models[step.badge]
      const owner = ownerOf(model, f.now())
      const { kind } = step
      const result = await f
        .addBadge(sessions[step.person], keys[step.person], step.badge, {
          kind,
          caller: at(f, step.person),
        })
        .catch((error: unknown) => (error as Error).message)
      if (owner !== null) {
        expect(result).toBe(owner === step.person ? 'yours' : 'taken')
        return
      }
      if (model.stock && kind === 'permanent') {
        expect(result).toMatchObject({ outcome: 'not-assigned', reason: 'loaner-only' })
        return
      }
      if (typeof result === 'string' || result.outcome !== 'assigned')
        throw new Error(JSON.stringify(result))
      const { cardId, endsAt } = result.badge
      expect(endsAt).toBe(kind === 'loaner' ? f.now() + life : null)
      const stock = kind === 'loaner'
      models[step.badge] = { owner: step.person, status: 'active', cardId, endsAt, stock }
      world.assigned += 1
      return
    }
    case 'lost':
    case 'detach':
    case 'found': {
      const model = models[step.badge]
      const caller = at(f, step.person)
      const session = sessions[step.person]
      const params = { sessionId: session.sessionId, cardId: model.cardId }
      const mine = ownerOf(model, f.now()) === step.person
      if (step.do === 'found') {
        const proof = await f.proveForBadge(session, keys[step.person], caller)
        const { outcome } = await f.call('badge.found', { ...params, ...proof }, caller)
        expect(outcome).toBe(mine && model.status === 'lost' ? 'found' : 'not-lost')
        if (mine) model.status = 'active'
        return
      }
      const call = step.do === 'lost' ? 'badge.lost' : 'badge.detach'
      const done = await f.call(call, params, caller).then(
        () => true,
        (error: unknown) => (error as Error).message,
      )
      expect(done).toBe(mine ? true : 'not-found')
      if (!mine) return
      if (step.do === 'lost') model.status = 'lost'
      else model.owner = null
      return
    }
    case 'wait':
      f.advance(step.ms)
      await signIn(world)
      return
    case 'tick':
      await f.authority.tick()
      return
    case 'restart':
      await f.restart()
      await signIn(world)
  }
}

test('whatever people do with their badges, each is one person’s at most, and the right one’s', async () => {
  let assigned = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const f = await authorityFixture({
        people: people.map((name) => staff(name)),
        policy: { 'badge.loanerLife': life, 'session.inactivity': life },
      })
      const keys = { maria: await f.enrol('maria'), tom: await f.enrol('tom') }
      const fresh = (): Model => ({
        owner: null,
        status: 'active',
        cardId: 'none',
        endsAt: null,
        stock: false,
      })
      const sessions = {
        maria: await f.signIn('maria', keys.maria, f.here),
        tom: await f.signIn('tom', keys.tom, otherWorkstation),
      }
      const models = { [badges[0]]: fresh(), [badges[1]]: fresh() } as Record<Badge, Model>
      const world: World = { f, keys, sessions, models, assigned: 0, taps: 0 }
      try {
        for (const step of steps) await act(world, step)
        assigned += world.assigned
      } finally {
        await f.dispose()
      }
    }),
    { numRuns: 30 },
  )
  expect(assigned).toBeGreaterThan(30)
}, 60_000)
