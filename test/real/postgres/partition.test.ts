/* oxlint-disable vitest/expect-expect, vitest/no-standalone-expect, vitest/no-conditional-expect, vitest/valid-expect, vitest/require-awaited-expect-poll -- what every case expects is said once, in functions */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { Direction } from '../../support/faulty-proxy.ts'
import { type LightAgent, startLightAgent } from '../../support/light-agent.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startNode, type TestNode } from '../../support/nodes.ts'
import { type FreshSchema, freshSchema } from '../../support/postgres-schema.ts'

const entry = fileURLToPath(new URL('../../support/node-process.ts', import.meta.url))
/** Long enough for what was asked to be under way, in the middle of whatever it does. */
const meanwhile = 60
const patience = { timeout: 30_000, interval: 20 }

let place: FreshSchema
let node: TestNode
let people: ReadyPerson[]
let agents: LightAgent[]
beforeAll(async () => {
  place = freshSchema(inject('postgres'))
  node = await startNode({
    ...place.session,
    name: 'node-1',
    policy: { 'roaming.secureWithin': 500 },
  })
  people = [...(await addPeople(node.db, 'person', 60))]
}, 60_000)
afterAll(async () => {
  await node.stop()
  await place.drop()
})

let left: LightAgent
let next: LightAgent
let seats = 0
beforeEach(async () => {
  seats += 1
  left = await startLightAgent(`left-${seats}`, node)
  next = await startLightAgent(`next-${seats}`, node)
  agents = [left, next]
})
afterEach(async () => {
  for (const agent of agents) await agent.dispose()
})

function somebody(): ReadyPerson {
  const person = people.pop()
  if (!person) throw new Error('no people left')
  return person
}
const insist = (agent: LightAgent, person: ReadyPerson) =>
  expect.poll(() => agent.tap(person, { passkey: true }), patience).toBe(true)
const atRest = () =>
  expect
    .poll(
      () =>
        agents.flatMap(({ id, unsettled }) =>
          node.underWay(id) > 0 ? `${id} is served` : (unsettled ?? []),
        ),
      patience,
    )
    .toEqual([])
const live = ({ personId }: ReadyPerson) =>
  node.db.read
    .selectFrom('sessions')
    .select(['session_id', 'workstation_id'])
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .execute()
const moves = ({ personId }: ReadyPerson) =>
  node.db.read.selectFrom('handovers').selectAll().where('person_id', '=', personId).execute()

/** The one seat where the person is, for the authority and to be seen. */
async function expectOnlyAt(agent: LightAgent, person: ReadyPerson) {
  expect(await live(person)).toEqual([
    { session_id: agent.open?.sessionId, workstation_id: agent.id },
  ])
  for (const other of agents) if (other !== agent) expect(other.open).toBeNull()
}

const partitions: readonly (readonly Direction[])[] = [['up'], ['down'], ['up', 'down']]
const where = partitions.flatMap((directions) =>
  (['identify', 'prove', 'answer'] as const).map((at) => ({
    directions,
    at,
    name: directions.join(' and '),
  })),
)

test.each(where)(
  'the seat that is arrived at loses its network $name, at the step $at',
  async ({ directions, at }) => {
    const person = somebody()
    await insist(left, person)
    const broken: ReadyPerson = {
      ...person,
      answer(options) {
        if (at === 'prove') next.network.blackhole(...directions)
        // The proof is on its way when the line goes.
        if (at === 'answer') setTimeout(() => next.network.blackhole(...directions), 2)
        return person.answer(options)
      },
    }
    if (at === 'identify') next.network.blackhole(...directions)
    const tap = next.tap(broken, { passkey: true })
    await pause(meanwhile)
    // Whatever came of it: at no time are there two.
    expect(await live(person)).toHaveLength(1)
    next.network.heal()
    next.wake()
    await tap
    await atRest()
    expect(await live(person)).toHaveLength(1)
    await insist(next, person)
    await atRest()
    await expectOnlyAt(next, person)
  },
)

test.each(partitions.map((directions) => ({ directions, name: directions.join(' and ') })))(
  'the seat that is left has no network $name: it is marked, and covered once it hears',
  async ({ directions }) => {
    const person = somebody()
    await insist(left, person)
    left.network.blackhole(...directions)
    await insist(next, person)
    const [session] = await live(person)
    expect(session?.workstation_id).toBe(next.id)
    await expect
      .poll(async () => (await moves(person)).map((move) => move.unsecured_at !== null), patience)
      .toEqual([true])
    left.network.heal()
    left.wake()
    await atRest()
    await expectOnlyAt(next, person)
    expect((await moves(person)).map((move) => move.secured_at !== null)).toEqual([true])
  },
)

test.each(partitions.map((directions) => ({ directions, name: directions.join(' and ') })))(
  'signing out wins over a network that is gone $name, and nothing revives what was ended',
  async ({ directions }) => {
    const person = somebody()
    await insist(left, person)
    const ended = left.open?.sessionId
    left.network.blackhole(...directions)
    const out = left.signOut()
    expect(left.open).toBeNull()
    await pause(meanwhile)
    left.network.heal()
    left.wake()
    await out
    await atRest()
    expect(await live(person)).toEqual([])
    expect(left.open).toBeNull()
    expect(await node.live(String(ended))).toBeNull()
    await insist(next, person)
    expect(next.open?.sessionId).not.toBe(ended)
  },
)

test('a half-closed line is given up by both sides, and the seat comes back', async () => {
  const person = somebody()
  await insist(left, person)
  for (const direction of ['up', 'down'] as const) {
    left.network.halfClose(direction)
    await insist(next, person)
    await insist(left, person)
    await atRest()
    await expectOnlyAt(left, person)
  }
})

test('a node is killed in the middle of a sign-in: the other one knows what came of it', async () => {
  const { connectionString, schema } = place.session
  const person = somebody()
  await insist(left, person)
  for (const delay of [0, 6, 30]) {
    const child: ChildProcess = spawn(process.execPath, [entry, connectionString, schema], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const port = await portOf(child)
    next.network.target = { host: '127.0.0.1', port }
    next.wake()
    await expect.poll(() => next.unsettled, patience).toBeNull()

    let proved = false
    const exited = new Promise((resolve) => child.once('exit', resolve))
    const broken: ReadyPerson = {
      ...person,
      answer(options) {
        proved = true
        setTimeout(() => child.kill('SIGKILL'), delay)
        return person.answer(options)
      },
    }
    await next.tap(broken, { passkey: true })
    expect(proved).toBe(true)
    await exited
    next.network.target = { host: '127.0.0.1', port: node.port }
    next.wake()
    await atRest()
    expect(await live(person)).toHaveLength(1)

    await insist(next, person)
    await atRest()
    await expectOnlyAt(next, person)
    await insist(left, person)
    await atRest()
    await expectOnlyAt(left, person)
  }
  // Every session that ever began has its record, whoever died meanwhile.
  const begun = await node.db.read
    .selectFrom('sessions')
    .select('session_id')
    .where('person_id', '=', person.personId)
    .execute()
  const records = await node.db.read.selectFrom('auditRecord').select('body').execute()
  for (const { session_id } of begun)
    expect(
      records.filter(
        ({ body }) => body.includes(session_id) && body.includes('"event":"session.started"'),
      ),
    ).toHaveLength(1)
  expect(begun.length).toBeGreaterThanOrEqual(7)
}, 600_000)

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the node ended before it served')))
    if (!child.stdout) throw new Error('no output')
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; port: number }
      if (said.event === 'ready') resolve(said.port)
    })
  })
}
