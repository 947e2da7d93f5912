import { type Engine, type Ground, prepareGround } from '../databases.ts'
import { median, type Report, round } from '../figures.ts'
import { type BenchPerson, invent } from '../people.ts'
import { type Cell, type Contender, measureCell, openLanyard } from './cell.ts'
import { measureFloor } from './floor.ts'
import { installPeer, openPeer } from './peer.ts'

export interface SignInOptions {
  readonly engines: readonly Engine[]
  /** Extra time of a flush, ms. */
  readonly delays: readonly number[]
  readonly seconds: number
  readonly rounds: number
  readonly tell: Report
}

const lanes = [1, 16, 64] as const
/** Clinicians of a large house, each of whom signs in many times a day. */
const population = 5_000
/** Sign-ins before the first that counts: the compiler needs so many, and everybody was there once. */
const warmUp = 5000

/** Goals: times better-auth, at 16 and 64 at a time. */
const goal = (flushDelay: number) => (flushDelay === 5 ? 15 : 6)

/** Complete sign-ins per second and CPU per sign-in, beside better-auth and beside P-256 alone. */
export async function benchSignIn(options: SignInOptions): Promise<void> {
  installPeer()
  const people = invent(population)
  for (const engine of options.engines)
    for (const delay of options.delays) {
      const ground = await prepareGround(engine, delay)
      try {
        await compare(ground, people, options)
      } finally {
        await ground.dispose()
      }
    }
}

/** People in turn; each signs in once before anybody does twice. */
class Turns {
  readonly #people: readonly BenchPerson[]
  #next = 0
  constructor(people: readonly BenchPerson[]) {
    this.#people = people
  }
  get left() {
    return this.#people.length - this.#next
  }
  take(): BenchPerson | null {
    return this.#people[this.#next++] ?? null
  }
  restart(): void {
    this.#next = 0
  }
}

async function compare(
  ground: Ground,
  people: readonly BenchPerson[],
  { seconds, rounds, tell }: SignInOptions,
): Promise<void> {
  const where = { engine: ground.engine, flushDelay: ground.flushDelay }
  const floor = measureFloor()
  const lanyard = await openLanyard(ground, people)
  const peer = await openPeer(ground, people)
  const cells = new Map<string, Cell[]>()
  const turns = new Map([lanyard, peer].map((one) => [one, new Turns(people)]))

  async function run(contender: Contender, at: number, limit: { seconds: number; most: number }) {
    const own = turns.get(contender) ?? new Turns(people)
    if (own.left < 4000) {
      await contender.reset()
      own.restart()
    }
    return measureCell({ contender, ground, next: () => own.take(), lanes: at, ...limit })
  }
  try {
    for (const contender of [lanyard, peer]) await run(contender, 16, { seconds: 60, most: warmUp })
    // In turn, so that what else the machine does falls on both.
    for (let round = 0; round < rounds; round += 1)
      for (const at of lanes)
        for (const contender of [lanyard, peer]) {
          const key = `${contender.name} ${at}`
          const cell = await run(contender, at, { seconds, most: 4000 })
          cells.set(key, [...(cells.get(key) ?? []), cell])
        }
    const unverified = await peer.statusOf(people[0] as BenchPerson, { userVerified: false })
    tell({ name: 'sign-in.peer-without-user-verification', ...where, status: unverified })
  } finally {
    await lanyard.close()
    await peer.close()
  }

  const floorAfter = measureFloor()
  tell({ name: 'sign-in.floor', ...where, cpu: round(Math.min(floor, floorAfter)), unit: 'µs' })
  const middle = (key: string, of: (cell: Cell) => number) => median((cells.get(key) ?? []).map(of))
  for (const at of lanes) {
    for (const { name } of [lanyard, peer]) {
      const key = `${name} ${at}`
      tell({
        name: `sign-in.${name}`,
        ...where,
        lanes: at,
        perSecond: round(middle(key, ({ perSecond }) => perSecond)),
        p50: round(middle(key, ({ p50 }) => p50)),
        p99: round(middle(key, ({ p99 }) => p99)),
        cpu: round(middle(key, ({ cpu }) => cpu)),
        databaseCpu: ground.cluster ? round(middle(key, (cell) => cell.databaseCpu ?? 0)) : null,
        rssMb: round(middle(key, ({ rssMb }) => rssMb)),
        failed: (cells.get(key) ?? []).reduce((sum, { failed }) => sum + failed, 0),
      })
    }
    const ratio = (of: (cell: Cell) => number) =>
      middle(`lanyard ${at}`, of) / middle(`better-auth ${at}`, of)
    const rate = ratio(({ perSecond }) => perSecond)
    const cpu = 1 / ratio((cell) => cell.cpu)
    const wanted = goal(ground.flushDelay)
    tell({
      name: 'sign-in.ratio',
      ...where,
      lanes: at,
      rate: round(rate),
      cpu: round(cpu),
      // A flush costs time and no CPU; else CPU is what does not depend on who else is at work.
      ...(at === 1 ? {} : { goal: wanted, met: (ground.flushDelay === 0 ? cpu : rate) >= wanted }),
    })
  }
}
