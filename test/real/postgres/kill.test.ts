/* oxlint-disable vitest/no-standalone-expect -- a round is checked in a function that both tests use */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepMoments, type Moments } from '../../support/committed-moments.ts'
import { type KillableNode, startKillableNode } from '../../support/killable-node.ts'
import { type LightAgent, startLightAgent } from '../../support/light-agent.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startNode, type TestNode } from '../../support/nodes.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'
import { untruths } from '../../support/settled-truth.ts'
import { faultsOf, gapsOf } from '../../support/whole-log.ts'

/*
 * What a hospital was told is kept, whatever dies: nodes are killed in the middle of sign-ins while
 * another one goes on, and PostgreSQL itself is killed under both. `LANYARD_KILLS` for more or fewer.
 */

const kills = Number(process.env['LANYARD_KILLS'] ?? 100)
const killsOfPostgres = Math.ceil(kills * 0.3)
const killsOfNodes = kills - killsOfPostgres
const schema = 'killed'
const patience = { timeout: 20_000, interval: 10 }

/** A person who is on the way between two seats, one on the node that is killed. */
interface Lane {
  readonly person: ReadyPerson
  readonly seats: readonly [LightAgent, LightAgent]
}

let cluster: PostgresCluster
let moments: Moments
let stays: TestNode
let dies: KillableNode
let spare: Promise<KillableNode>
let lanes: readonly Lane[] = []
let acknowledged = 0

const startOne = () => startKillableNode({ connectionString: cluster.connectionString, schema })

beforeAll(async () => {
  cluster = await startPostgres({
    // Tables are small here; reading a whole one would set every transaction against every other.
    settings: { track_commit_timestamp: 'on', enable_seqscan: 'off' },
  })
  stays = await startNode({
    connectionString: cluster.connectionString,
    schema,
    name: 'stays',
    policy: { 'roaming.secureWithin': 400 },
  })
  moments = await keepMoments(cluster.connectionString, schema)
  dies = await startOne()
  spare = startOne()
  const people = await addPeople(stays.db, 'person', 3)
  lanes = await Promise.all(
    people.map(async (person, n) => {
      const seats = [
        await startLightAgent(`dies-${n}`, stays),
        await startLightAgent(`stays-${n}`, stays),
      ] as const
      return { person, seats }
    }),
  )
  moveTo(dies)
}, 60_000)
afterAll(async () => {
  for (const { seats } of lanes) for (const seat of seats) await seat.dispose()
  await moments?.close()
  await dies?.kill()
  const unused = await spare?.catch(() => null)
  await unused?.kill()
  await stays?.stop()
  await cluster?.dispose()
}, 60_000)

function moveTo({ port }: KillableNode): void {
  for (const {
    seats: [seat],
  } of lanes) {
    seat.network.target = { host: '127.0.0.1', port }
    seat.wake()
  }
}

/**
 * Everybody signs in and out at both seats, and some time when somebody proves who they are at the seat
 * whose node dies, `kill` begins. When all is up again, everything that was acknowledged must be so.
 */
async function round(kill: () => Promise<void>): Promise<void> {
  const over = new AbortController()
  const isOver = () => over.signal.aborted
  const killed = Promise.withResolvers<void>()
  let proofs = 2 + Math.floor(Math.random() * 4)
  const arm = () => {
    proofs -= 1
    if (proofs !== 0) return
    // Anywhere between the proof and some way beyond its answer.
    setTimeout(() => {
      over.abort()
      kill().then(killed.resolve, killed.reject)
    }, Math.random() * 40)
  }
  async function work({ person, seats }: Lane, lane: number) {
    const proving: ReadyPerson = {
      ...person,
      answer(options) {
        if (lane === 0) arm()
        return person.answer(options)
      },
    }
    while (!isOver()) {
      await seats[0].tap(proving, { passkey: true })
      if (!isOver() && Math.random() < 0.4) await seats[0].signOut()
      if (!isOver()) await seats[1].tap(person, { passkey: true })
      if (!isOver() && Math.random() < 0.4) await seats[1].signOut()
      // A seat that is still offline gives up at once.
      await pause(1)
    }
  }
  const worked = Promise.all(lanes.map(work))
  await killed.promise
  await worked
  await Promise.all(lanes.map(check))
  expect(await gapsOf(moments.query)).toEqual([])
}

async function check({ person, seats }: Lane): Promise<void> {
  const quiet = async () => {
    await expect
      .poll(
        () =>
          seats.flatMap(({ id, unsettled }) =>
            stays.underWay(id) > 0 ? `${id} is served` : (unsettled ?? []),
          ),
        patience,
      )
      .toEqual([])
  }
  await quiet()
  const at = Math.random() < 0.5 ? seats[0] : seats[1]
  await expect.poll(() => at.tap(person, { passkey: true }), patience).toBe(true)
  await quiet()
  // Every seat that was left has said so, or the authority has found that it does not.
  const open = `select 1 from handovers where person_id = $1 and secured_at is null and unsecured_at is null`
  await expect.poll(() => moments.query(open, [person.personId]), patience).toEqual([])
  const { personId } = person
  const settled = { people: [personId], last: { personId, at }, seats, awake: seats, tokens: [] }
  // A seat hears a second late of what moved while its node listened anew, and says so then.
  await expect
    .poll(async () => (await untruths({ moments, nodes: [stays] }, settled)).wrong, patience)
    .toEqual([])
  for (const seat of seats) acknowledged += seat.acknowledged.splice(0).length
}

test(
  `of what was acknowledged nothing is lost when nodes are killed in the middle of sign-ins, ${killsOfNodes} times`,
  async () => {
    acknowledged = 0
    for (let n = 0; n < killsOfNodes; n += 1)
      await round(async () => {
        const { name } = dies
        await dies.kill()
        dies = await spare
        spare = startOne()
        // What it had sent may still take place, and before anybody looks.
        const left = `select 1 from pg_stat_activity where application_name = $1`
        await expect.poll(() => cluster.admin(left, [name]), patience).toEqual([])
        moveTo(dies)
      })
    expect(await faultsOf(stays.db, moments.query)).toEqual([])
    process.stdout.write(`${acknowledged} acknowledged\n`)
    expect(acknowledged).toBeGreaterThan(killsOfNodes * 6)
  },
  20_000 * kills,
)

test(
  `nor when PostgreSQL is, ${killsOfPostgres} times`,
  async () => {
    acknowledged = 0
    // Only what serves comes back by itself.
    await spare
    for (let n = 0; n < killsOfPostgres; n += 1)
      await round(async () => {
        await (n % 3 === 2 ? cluster.stop('immediate') : cluster.kill())
        await cluster.start()
      })
    expect(await faultsOf(stays.db, moments.query)).toEqual([])
    process.stdout.write(`${acknowledged} acknowledged\n`)
    expect(acknowledged).toBeGreaterThan(killsOfPostgres * 6)
  },
  20_000 * kills,
)
