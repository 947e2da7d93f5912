/* oxlint-disable vitest/no-standalone-expect -- a sequence is checked in parts; the counts at the end show that it did everything */
import { setTimeout as pause } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepMoments, type Moments } from '../../support/committed-moments.ts'
import { type LightAgent, startLightAgent } from '../../support/light-agent.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startNode, type TestNode } from '../../support/nodes.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'
import { mintToken, type Token, untruths } from '../../support/settled-truth.ts'

/*
 * Two nodes on one PostgreSQL, three seats, one person who taps wherever they like and a second one
 * who is in the way; between them networks that delay, repeat, cut and swallow. Whatever happens: once
 * it is quiet, what R3 promises holds, and one of its promises holds at every committed moment.
 */

/** How long to go on, s; the many sequences are those in memory (roaming.model.test.ts). */
const limit = Number(process.env['LANYARD_MODEL_SECONDS'] ?? 30)
/** Sequences under way at a time, each with seats of its own. */
const lanes = 4
const schema = 'model'
const policy = { 'roaming.tapGrace': 3_600_000, 'roaming.secureWithin': 400 }

const seat = fc.nat(2)
const how = fc.record({ passkey: fc.boolean(), twice: fc.boolean() })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('tap' as const),
      seat,
      how,
      /** The next step follows when it is answered, or while it is under way. */
      wait: fc.boolean(),
      other: fc.nat(7).map((n) => n === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crossing' as const), seat, how }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('drop' as const),
      seat,
      how,
      /** The request never arrives, or its answer does not. */
      lost: fc.constantFrom('request' as const, 'answer' as const),
      after: fc.nat(25),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('sign-out' as const), seat, twice: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sleep' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change-node' as const), seat }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delay' as const), seat, ms: fc.nat(30) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), node: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('token' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.nat(40) }) },
)
const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
  last: seat,
  /** A seat that sleeps until after the end. */
  asleep: fc.option(seat, { freq: 6 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never
type Step = Scenario['steps'][number]

let cluster: PostgresCluster
let moments: Moments
let nodes: readonly [TestNode, TestNode]
const counts = new Map<string, number>()
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

beforeAll(async () => {
  cluster = await startPostgres({
    // Tables are small here; reading a whole one would set every transaction against every other.
    settings: { track_commit_timestamp: 'on', enable_seqscan: 'off' },
  })
  const common = { connectionString: cluster.connectionString, schema, policy }
  const first = await startNode({ ...common, name: 'node-1' })
  nodes = [first, await startNode({ ...common, name: 'node-2' })]
  moments = await keepMoments(cluster.connectionString, schema)
}, 60_000)
afterAll(async () => {
  await moments?.close()
  for (const node of nodes ?? []) await node.stop()
  await cluster?.dispose()
}, 60_000)

/** Seats and people of sequences that follow one another. */
class Lane {
  readonly #name: string
  agents: readonly LightAgent[] = []
  #people: ReadyPerson[] = []
  #batch = 0

  constructor(name: string) {
    this.#name = name
  }

  async start(): Promise<void> {
    this.agents = await Promise.all(
      [0, 1, 2].map((n) => startLightAgent(`${this.#name}-seat-${n}`, nodes[n === 1 ? 1 : 0])),
    )
  }

  async people(): Promise<readonly [ReadyPerson, ReadyPerson]> {
    while (this.#people.length < 2) {
      this.#batch += 1
      // Another lane may just have cut this node from its database.
      await addPeople(nodes[0].db, `${this.#name}-${this.#batch}`, 200).then(
        (people) => this.#people.push(...people),
        () => pause(100),
      )
    }
    const [first, second] = this.#people.splice(0, 2)
    if (!first || !second) throw new Error('no people left')
    return [first, second]
  }

  async dispose(): Promise<void> {
    for (const agent of this.agents) await agent.dispose()
  }
}

/** One sequence on a lane: what it did, and what must hold when it is quiet. */
class Run {
  readonly #agents: readonly LightAgent[]
  readonly #person: ReadyPerson
  readonly #other: ReadyPerson
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #tokens: Token[] = []
  readonly #asleep = new Set<LightAgent>()

  constructor(lane: Lane, [person, other]: readonly [ReadyPerson, ReadyPerson]) {
    this.#agents = lane.agents
    this.#person = person
    this.#other = other
  }

  async execute({ steps, last, asleep }: Scenario): Promise<void> {
    for (const agent of this.#agents) {
      await agent.signOut()
      agent.acknowledged.length = 0
    }
    for (const each of steps) {
      count(each.do)
      await this.#do(each)
    }
    const sleeper = asleep === null || asleep === last ? null : this.#seat(asleep)
    await this.#calm(sleeper)
    const at = this.#seat(last)
    await expect
      .poll(() => at.tap(this.#person), { timeout: 30_000, interval: 30, message: 'the last tap' })
      .toBe(true)
    await this.#check(at, sleeper)
    // The next sequence begins with seats that are awake.
    for (const agent of this.#asleep) agent.wake()
    this.#asleep.clear()
    await quiet(this.#agents)
    expect(this.#agents.flatMap(({ problems }) => problems)).toEqual([])
    expect(this.#agents.filter(({ open }) => open?.personId === this.#person.personId)).toEqual([
      at,
    ])
  }

  #seat(index: number): LightAgent {
    const agent = this.#agents[index]
    if (!agent) throw new Error('no such seat')
    return agent
  }

  #begin(work: Promise<unknown>): void {
    const done = work.finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  async #do(each: Step): Promise<void> {
    switch (each.do) {
      case 'tap': {
        const tap = this.#tap(each.seat, each.how, each.other ? this.#other : this.#person)
        if (each.wait && !this.#asleep.has(this.#seat(each.seat))) {
          await tap
          return
        }
        return this.#begin(tap)
      }
      case 'crossing':
        this.#begin(this.#tap(each.seat, each.how))
        return this.#begin(this.#tap((each.seat + 1) % 3, each.how))
      case 'drop': {
        const { network } = this.#seat(each.seat)
        network.blackhole(each.lost === 'request' ? 'up' : 'down')
        this.#begin(this.#tap(each.seat, each.how))
        await pause(each.after)
        network.heal()
        return network.cut()
      }
      case 'sign-out':
        return this.#begin(this.#seat(each.seat).signOut(each.twice))
      case 'sleep':
        this.#asleep.add(this.#seat(each.seat))
        return this.#seat(each.seat).network.blackhole('up', 'down')
      case 'wake':
        this.#asleep.delete(this.#seat(each.seat))
        return this.#seat(each.seat).wake()
      case 'cut':
        return this.#seat(each.seat).network.cut()
      case 'change-node':
        return this.#changeNode(this.#seat(each.seat))
      case 'delay':
        this.#seat(each.seat).network.delay = () => Math.random() * each.ms
        return
      case 'kill':
        return this.#kill(each.node)
      case 'token':
        return this.#mint(this.#seat(each.seat))
      case 'pause':
        await pause(each.ms)
    }
  }

  async #tap(
    seat: number,
    options: { readonly passkey: boolean; readonly twice: boolean },
    person = this.#person,
  ): Promise<void> {
    const at = this.#seat(seat)
    const signedIn = await at.tap(person, options)
    count(signedIn ? 'signed in' : 'not signed in')
    if (signedIn) await this.#mint(at)
  }

  #changeNode(agent: LightAgent): void {
    const { network } = agent
    const next = network.target.port === nodes[0].port ? nodes[1] : nodes[0]
    network.target = { host: '127.0.0.1', port: next.port }
    network.cut()
  }

  /** What it was doing dies with its connections, whether it had begun to commit or not. */
  async #kill(index: number): Promise<void> {
    const node = nodes[index]
    if (!node) throw new Error('no such node')
    await cluster.admin(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [node.name],
    )
    for (const agent of this.#agents)
      if (agent.network.target.port === node.port) this.#changeNode(agent)
  }

  async #mint({ open }: LightAgent): Promise<void> {
    const token = open && (await mintToken(nodes[0], open.sessionId))
    if (!token) return
    this.#tokens.push(token)
    count('minted')
  }

  async #calm(sleeper: LightAgent | null): Promise<void> {
    for (const agent of this.#agents) {
      agent.network.delay = () => 0
      if (agent === sleeper) {
        this.#asleep.add(agent)
        agent.network.blackhole('up', 'down')
      } else if (this.#asleep.delete(agent)) agent.wake()
    }
    if (sleeper === null) await Promise.allSettled(this.#underWay)
    else {
      // What the sleeper was asking is nobody's business before it wakes up.
      sleeper.network.cut()
      sleeper.network.refusing = true
      await Promise.allSettled(this.#underWay)
      sleeper.network.refusing = false
    }
    // Whoever asked may have given up; what was asked may still take place, and before the last tap.
    const busy = () =>
      this.#agents.filter(({ id }) => nodes.some((node) => node.underWay(id) > 0)).length
    await expect.poll(busy, { timeout: 30_000, interval: 5, message: 'nodes at rest' }).toBe(0)
  }

  async #check(at: LightAgent, sleeper: LightAgent | null): Promise<void> {
    const { personId } = this.#person
    const awake = this.#agents.filter((agent) => agent !== sleeper)
    await quiet(awake)
    if ((await unanswered(personId)) > 0) count('marked unsecured')
    const { wrong, handovers } = await untruths(
      { moments, nodes },
      {
        people: [personId, this.#other.personId],
        last: { personId, at },
        seats: this.#agents,
        awake,
        tokens: this.#tokens,
      },
    )
    count(handovers.length > 0 ? 'with a move' : 'without a move')
    expect(wrong).toEqual([])
  }
}

async function quiet(agents: readonly LightAgent[]): Promise<void> {
  await expect
    .poll(() => agents.flatMap(({ unsettled }) => unsettled ?? []), {
      timeout: 30_000,
      interval: 5,
      message: 'every seat is back and has said what it owes',
    })
    .toEqual([])
}

/** Waits until every seat that was left is secured or marked; how many are marked. */
async function unanswered(personId: string): Promise<number> {
  await expect
    .poll(
      () =>
        moments.query(
          `select from_workstation_id from handovers
            where person_id = $1 and secured_at is null and unsecured_at is null`,
          [personId],
        ),
      { timeout: 30_000, interval: 10, message: 'every seat that was left answered or is marked' },
    )
    .toEqual([])
  const [row] = await moments.query(
    'select count(*) as n from handovers where person_id = $1 and unsecured_at is not null',
    [personId],
  )
  return Number(row?.['n'])
}

test('whatever the network and the nodes do, one seat is active and every other one is covered', async () => {
  const until = performance.now() + limit * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: lanes }, async (_, n) => {
      const lane = new Lane(`lane-${n}`)
      await lane.start()
      try {
        for (const what of fc.sample(scenario, 10_000)) {
          if (performance.now() > until) break
          await quiet(lane.agents)
          await new Run(lane, await lane.people()).execute(what)
          done += 1
        }
      } finally {
        await lane.dispose()
      }
    }),
  )
  const report = [...counts].map(([what, n]) => `${what} ${n}`).toSorted()
  process.stdout.write(
    `${done} sequences; ${report.join(', ')}; ${nodes.map(({ retries }) => retries).join(' and ')} transactions run again\n`,
  )
  expect(done).toBeGreaterThanOrEqual(5)
  for (const what of ['with a move', 'signed in', 'minted', 'marked unsecured'])
    expect(counts.get(what) ?? 0).toBeGreaterThan(0)
}, 3_600_000)
