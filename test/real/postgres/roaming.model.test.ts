import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepMoments, type Moments } from '../../support/committed-moments.ts'
import { LightAgent, type Prove } from '../../support/light-agent.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { fair, MemoryLine } from '../../support/memory-line.ts'
import { startNode, type TestNode } from '../../support/nodes.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'
import { mintToken, type Token, untruths } from '../../support/settled-truth.ts'

/*
 * Two nodes on one PostgreSQL, three seats and a person who taps wherever they like, many such houses
 * side by side; between seats and nodes a network in memory that delays, repeats and loses. Where it
 * matters, everybody has what they need first and then goes at once. Whatever happens: once it is
 * quiet, what R3 promises holds, and one of its promises holds at every committed moment.
 */

/** How long to go on, s. */
const limit = Number(process.env['LANYARD_MODEL_SECONDS'] ?? 90)
/** A slow machine takes longer instead of looking at less. */
const least = 200
/** What a node does is cut off from PostgreSQL so often, ms. */
const killEvery = 10_000
const lanes = 16
const schema = 'model'
const policy = { 'roaming.tapGrace': 3_600_000, 'roaming.secureWithin': 1_000 }
/** Nothing takes longer once the network is fair, ms. */
const patience = 30_000

const seat = fc.nat(2)
const how = fc.record({ passkey: fc.boolean(), twice: fc.boolean() })
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('tap' as const),
      seat,
      how,
      /** The next step follows when it is answered, or while it is under way. */
      wait: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('race' as const),
      seats: fc.shuffledSubarray([0, 1, 2], { minLength: 2 }),
      hows: fc.tuple(how, how, how),
      wait: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), seat, how }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      seat,
      how,
      what: fc.constantFrom('request' as const, 'answer' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('late' as const), seat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), seat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wake' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change-node' as const), seat }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('weather' as const),
      seat,
      weather: fc.record({
        delay: fc.nat(6),
        loss: fc.constantFrom(0, 0, 0.1),
        repeat: fc.constantFrom(0, 0.2, 0.5),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.nat(8) }) },
)
const scenario = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 8 }),
  last: seat,
  /** A seat that sleeps until after the end. */
  asleep: fc.option(seat, { freq: 4 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never
type Step = Scenario['steps'][number]
type Seat = LightAgent<MemoryLine>

const undo: (() => Promise<unknown>)[] = []
let dataFolder = ''
let cluster: PostgresCluster
let moments: Moments
let nodes: readonly [TestNode, TestNode]
const counts = new Map<string, number>()
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

beforeAll(async () => {
  // What a flush costs is not what this is about, and each step here is a flush or more.
  const inMemory = await access('/dev/shm', constants.W_OK).then(
    () => '/dev/shm',
    () => tmpdir(),
  )
  dataFolder = await mkdtemp(join(inMemory, 'lanyard-model-'))
  cluster = await startPostgres({
    dataFolder,
    // Tables are small here; reading a whole one would set every transaction against every other.
    settings: { track_commit_timestamp: 'on', enable_seqscan: 'off' },
  })
  const common = { connectionString: cluster.connectionString, schema, policy, poolSize: 32 }
  const first = await startNode({ ...common, name: 'node-1' })
  nodes = [first, await startNode({ ...common, name: 'node-2' })]
  moments = await keepMoments(cluster.connectionString, schema)
}, 60_000)
afterAll(async () => {
  await moments?.close()
  for (const step of undo) await step()
  for (const node of nodes ?? []) await node.stop()
  await cluster?.dispose()
  await rm(dataFolder, { recursive: true, force: true })
}, 60_000)

/** Seats of sequences that follow one another. */
class Lane {
  readonly seats: readonly Seat[]

  constructor(name: string) {
    this.seats = ([0, 1, 0] as const).map((at, n) => {
      const id = `${name}-seat-${n}`
      const line = new MemoryLine(id, nodes, at)
      return new LightAgent(id, line, line)
    })
  }

  async dispose(): Promise<void> {
    for (const one of this.seats) await one.dispose()
  }
}

/** People who never tapped, put in before the others are used up. */
class Supply {
  readonly #ready: ReadyPerson[] = []
  #batch = 0
  #more: Promise<void> | null = null

  async fill(): Promise<void> {
    await until('new people', async () => {
      this.#batch += 1
      // A node that has just lost its connections may have taken them all the same.
      const more = addPeople(nodes[0].db, `batch-${this.#batch}`, 400)
      this.#ready.push(...(await more.catch(() => [])))
      return this.#ready.length > 0
    })
    this.#more = null
  }

  async next(): Promise<ReadyPerson> {
    if (this.#ready.length < 100) this.#more ??= this.fill()
    const next = this.#ready.pop()
    if (next) return next
    await this.#more
    return this.next()
  }
}

/** One sequence on a lane: what it did, and what must hold when it is quiet. */
class Run {
  readonly #seats: readonly Seat[]
  readonly #person: ReadyPerson
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #tokens: Token[] = []
  readonly #asleep = new Set<Seat>()
  readonly #wrong: string[] = []

  constructor({ seats }: Lane, person: ReadyPerson) {
    this.#seats = seats
    this.#person = person
  }

  async execute({ steps, last, asleep }: Scenario): Promise<readonly string[]> {
    for (const each of steps) {
      count(each.do)
      await this.#do(each)
    }
    const sleeper = asleep === null || asleep === last ? null : this.#seat(asleep)
    await this.#calm(sleeper)
    const at = this.#seat(last)
    await until('the last tap', () => at.tap(this.#person))
    await this.#check(at, sleeper)
    for (const one of this.#asleep) one.wake()
    await quiet(this.#seats)
    // Whoever woke up has covered what went on without them.
    const active = this.#seats.filter(({ open }) => open !== null)
    if (active.length !== 1 || active[0] !== at) this.#wrong.push('a seat woke up with a session')
    await at.signOut()
    await quiet(this.#seats)
    for (const one of this.#seats) {
      this.#wrong.push(...one.problems.splice(0))
      one.acknowledged.length = 0
    }
    return this.#wrong
  }

  #seat(index: number): Seat {
    const one = this.#seats[index]
    if (!one) throw new Error('no such seat')
    return one
  }

  #begin(work: Promise<unknown>): void {
    const done = work.finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  async #do(each: Step): Promise<void> {
    switch (each.do) {
      case 'tap': {
        const at = this.#seat(each.seat)
        const tap = at.tap(this.#person, each.how).then(this.#told(at))
        return this.#follow([at], tap, each.wait)
      }
      case 'race': {
        const seats = each.seats.map((index) => this.#seat(index))
        const race = this.#race(seats, each.hows)
        return this.#follow(seats, race, each.wait)
      }
      case 'leave': {
        const from = this.#seats.find(({ open }) => open !== null)
        const to = this.#seat(each.seat)
        if (!from) return
        const prove = this.#asleep.has(to) ? null : await to.present(this.#person, each.how)
        this.#begin(from.signOut(each.how.twice))
        if (prove) this.#begin(prove().then(this.#told(to)))
        return
      }
      case 'lose': {
        const at = this.#seat(each.seat)
        if (this.#asleep.has(at)) return
        const prove = await at.present(this.#person, each.how)
        at.network.loseNext = each.what
        if (prove) this.#begin(prove().then(this.#told(at)))
        return
      }
      case 'late':
        return this.#begin(this.#late(this.#seat(each.seat)))
      case 'sleep':
        this.#asleep.add(this.#seat(each.seat))
        return this.#seat(each.seat).network.sleep()
      case 'wake':
        return this.#wake(this.#seat(each.seat))
      case 'cut':
        return this.#seat(each.seat).network.cut()
      case 'change-node': {
        const { network } = this.#seat(each.seat)
        network.at = network.at === 0 ? 1 : 0
        return network.cut()
      }
      case 'weather':
        this.#seat(each.seat).network.weather = each.weather
        return
      case 'pause':
        await pause(each.ms)
    }
  }

  /** A seat that sleeps answers nobody before it wakes up. */
  async #follow(seats: readonly Seat[], work: Promise<unknown>, wait: boolean): Promise<void> {
    if (wait && !seats.some((one) => this.#asleep.has(one))) await work
    else this.#begin(work)
  }

  readonly #told = (at: Seat) => async (signedIn: boolean) => {
    count(signedIn ? 'signed in' : 'not signed in')
    if (signedIn) await this.#mint(at)
  }

  /** All of them hold a valid tap and a valid ceremony before the first one proves anything. */
  async #race(
    seats: readonly Seat[],
    hows: readonly { readonly passkey: boolean; readonly twice: boolean }[],
  ): Promise<void> {
    const ready = await Promise.all(seats.map((one, n) => one.present(this.#person, hows[n])))
    const both = ready.filter((prove): prove is Prove => prove !== null)
    if (both.length > 1) count('raced')
    await Promise.all(
      seats.map(async (one, n) => {
        const prove = ready[n]
        if (prove) await this.#told(one)(await prove())
      }),
    )
  }

  /** What was said for a session long ago arrives now; one that is over stays over. */
  async #late(at: Seat): Promise<void> {
    const sessionId = [...at.shown.keys()].at(-1) as never
    if (at.shown.get(sessionId) !== this.#person.personId) return
    const over = at.isOver(sessionId)
    const [here, there] = Math.random() < 0.5 ? nodes : [nodes[1], nodes[0]]
    const [active, minted] = await Promise.all([
      at.network.deliver(here, 'session.activity', { sessionId }),
      mintToken(there, sessionId),
      at.network.deliver(there, 'session.secured', { sessionId }),
    ])
    if (minted) this.#tokens.push(minted)
    if (!over) return
    count('late')
    if (active.ok || minted) this.#wrong.push('a session that was over was taken for live')
  }

  #wake(one: Seat): void {
    if (!this.#asleep.delete(one)) return
    // Its agent goes on where it was, before it has heard of anything.
    this.#begin(this.#late(one))
    one.wake()
  }

  async #mint({ open }: Seat): Promise<void> {
    if (!open || Math.random() < 0.5) return
    const token = await mintToken(nodes[Math.random() < 0.5 ? 0 : 1], open.sessionId)
    count(token ? 'minted' : 'not minted')
    if (token) this.#tokens.push(token)
  }

  async #calm(sleeper: Seat | null): Promise<void> {
    for (const one of this.#seats) {
      one.network.weather = fair
      one.network.loseNext = null
      if (one === sleeper) {
        this.#asleep.add(one)
        one.network.sleep()
        // What it was asking is nobody's business before it wakes up.
        one.network.cut()
      } else this.#wake(one)
    }
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    // Whoever asked may have given up; what was asked may still take place, and before the last tap.
    await until('nodes at rest', () => this.#seats.every(({ network }) => network.underWay === 0))
    await quiet(this.#seats.filter((one) => one !== sleeper))
  }

  async #check(at: Seat, sleeper: Seat | null): Promise<void> {
    const { personId } = this.#person
    const awake = this.#seats.filter((one) => one !== sleeper)
    await quiet(awake)
    await until('every seat that was left answered, or is marked and asleep', async () => {
      const left = await moments.query(
        `select from_session_id, from_workstation_id, secured_at, unsecured_at
          from handovers where person_id = $1 and secured_at is null`,
        [personId],
      )
      return left.every((row) => {
        const from = awake.find(({ id }) => id === row['from_workstation_id'])
        const heard = from?.shown.has(String(row['from_session_id'])) !== true
        return row['unsecured_at'] !== null && heard
      })
    })
    await quiet(awake)
    const { wrong, handovers } = await untruths(
      { moments, nodes },
      {
        people: [personId],
        last: { personId, at },
        seats: this.#seats,
        awake,
        tokens: this.#tokens,
      },
    )
    this.#wrong.push(...wrong)
    for (const { unsecured_at } of handovers) count(unsecured_at ? 'marked' : 'secured')
    count(handovers.length > 0 ? 'with a move' : 'without a move')
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const begun = performance.now()
  for (let wait = 2; !(await holds()); wait = Math.min(wait * 1.5, 50)) {
    if (performance.now() - begun > patience) throw new Error(`in vain: ${what}`)
    await pause(wait)
  }
}

/** What it was doing dies with its connections, whether it had begun to commit or not. */
async function kill({ name }: TestNode): Promise<void> {
  count('killed')
  await cluster.admin(
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
    [name],
  )
}

/** Without end; as many at a time as it takes to be of every size. */
function* scenarios(): Generator<Scenario> {
  for (;;) yield* fc.sample(scenario, 100)
}

const reasons = (error: unknown) => [error instanceof Error ? error.message : String(error)]

const quiet = (seats: readonly Seat[]) =>
  until('every seat is back and has said what it owes', () =>
    seats.every(({ unsettled }) => unsettled === null),
  )

test('whatever the network and the nodes do, one seat is active and every other one is covered', async () => {
  const supply = new Supply()
  await supply.fill()
  const all: Lane[] = []
  for (let n = 0; n < lanes; n++) {
    const lane = new Lane(`lane-${n}`)
    all.push(lane)
    undo.push(() => lane.dispose())
    await quiet(lane.seats)
  }
  const begun = performance.now()
  const used = process.cpuUsage()
  let done = 0
  const isOver = () => performance.now() > begun + limit * 1_000 && done >= least
  let failed = false
  const kills = setInterval(() => void kill(nodes[Math.random() < 0.5 ? 0 : 1]), killEvery)
  undo.push(async () => clearInterval(kills))
  await Promise.all(
    all.map(async (lane) => {
      for (const what of scenarios()) {
        if (isOver() || failed) break
        // What depends on who comes first is not tried again to make it smaller.
        const wrong = await new Run(lane, await supply.next()).execute(what).catch(reasons)
        failed ||= wrong.length > 0
        expect({ what, wrong }).toEqual({ what, wrong: [] })
        done += 1
      }
    }),
  )
  clearInterval(kills)
  const took = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(used)
  const report = [...counts].map(([what, n]) => `${what} ${n}`).toSorted()
  process.stdout.write(
    `${done} sequences, ${(done / took).toFixed(1)} a second, ${((user + system) / done / 1_000).toFixed(0)} ms of this processor each; ${report.join(', ')}; ${nodes.map(({ retries }) => retries).join(' and ')} transactions run again\n`,
  )
  for (const what of ['raced', 'with a move', 'minted', 'marked', 'secured', 'late', 'killed'])
    expect(counts.get(what) ?? 0, what).toBeGreaterThan(0)
}, 3_600_000)
