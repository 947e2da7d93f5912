import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectMachine, type MachineTrouble } from '../../../main/machine/connect-machine.ts'
import { createCredentials } from '../../../main/machine/credentials.ts'
import { createMachinePost } from '../../../main/machine/machine-post.ts'
import { type FakedTime, fakeTime } from '../../support/faked-time.ts'
import { enrolAt, httpCalls } from '../../support/house-seat.ts'
import { startPostgres } from '../../support/postgres.ts'
import { startTwoNodes, type TwoNodes, type Which } from '../../support/two-nodes.ts'

/* A workstation that works on while its key comes of age, at whichever node its connection is. */

/** s; longer than the overlap, or the new key would be of age before the old one goes. */
const keyLife = 7_200
/** From the enrolment until the key is of age, s. */
const left = 10
/** The old key is good for so long after the first use of the new one, s (docs/machines.md). */
const overlap = 3_600

const nodes: readonly Which[] = [0, 1]
const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

let time: FakedTime
let house: TwoNodes
beforeAll(async () => {
  time = await fakeTime()
  undo.push(() => time.dispose())
  const faked = Object.entries(time.environment).map(([name, value]) => `${name}=${value}`)
  const cluster = await startPostgres({ wrapper: ['env', ...faked] })
  undo.push(() => cluster.dispose())
  await time.shift(left - keyLife)
  house = await startTwoNodes({
    session: { connectionString: cluster.connectionString, schema: 'lanyard' },
    policy: { 'machine.keyLife': keyLife * 1_000 },
  })
  undo.push(() => house.dispose())
})

/** A refusal says which time it is there, also to a stranger. */
async function timeAt(node: Which): Promise<number> {
  const answer = await house.ask(node, '/agent/v1/enrol', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: 'none', proof: 'none' }),
  })
  return ((await answer.json()) as { error: { now: number } }).error.now
}

/** Sets the clock of the database; the nodes know it when they look the next time. */
async function setClocks(seconds: number): Promise<void> {
  await time.shift(seconds)
  const off = async (node: Which) => (await timeAt(node)) - Date.now() - seconds * 1_000
  for (const node of nodes)
    await expect.poll(async () => Math.abs(await off(node)), { interval: 50 }).toBeLessThan(1_000)
}

/** What is on record of the machine itself. */
async function recorded(event: string): Promise<number> {
  const rows = await house.db.read.selectFrom('auditRecord').select('body').execute()
  return rows.filter(({ body }) => body.includes(`"event":"workstation.${event}"`)).length
}

test('a key that comes of age is changed by the agent itself, and no call is refused meanwhile at either node', async () => {
  const { machine, key } = await enrolAt(house, 'ws-1')
  const { identity } = machine
  const old = await key()
  // What was enrolled just now is hours old, and about to be of age.
  await setClocks(0)
  const due = machine.rotateAt()
  expect(due - Date.now()).toBeGreaterThan(500)

  const refusals: unknown[] = []
  const troubles: MachineTrouble[] = []
  const client = connectMachine({
    machine: { ...machine, refused: () => (refusals.push('connection'), machine.refused()) },
    instance: 'one',
    backoff: { first: 1, longest: 10 },
    random: () => 0,
    onTrouble: (trouble) => troubles.push(trouble),
    onRotationRefused: () => refusals.push('rotation'),
  })
  undo.push(() => client.dispose())
  let online = 0
  client.onConnection((state) => (online += state === 'online' ? 1 : 0))
  await expect.poll(() => online).toBe(1)
  const report = { event: 'reader-ready', detail: {} } as const
  /** Its connection is lost, and the next one is to this node. */
  async function goTo(node: Which): Promise<void> {
    const before = online
    house.choose(node)
    house.front.cut()
    await expect.poll(() => online, { interval: 1 }).toBeGreaterThan(before)
    await client.call('workstation.report', report)
  }

  // What it signed before it had another key may arrive after that.
  const byOld = httpCalls(house, identity, old)
  const calls = { before: 0, after: 0 }
  let rotatedAt = Infinity
  for (let turn = 0; Date.now() < rotatedAt + 1_000; turn += 1) {
    // Around the change it stays where it is: nothing but its own timer is to cause it.
    if (Date.now() < due - 1_000 || rotatedAt < Infinity) await goTo(turn % 2 === 0 ? 1 : 0)
    else await client.call('workstation.report', report)
    for (const one of nodes) {
      const { status } = await byOld(one, 'workstation.report', report)
      if (status !== 200) refusals.push(`${status} of node ${one} after ${turn} turns`)
    }
    const rotated = (await key()).keyId !== old.keyId
    if (rotated && rotatedAt === Infinity) rotatedAt = Date.now()
    calls[rotated ? 'after' : 'before'] += 3
    if (!rotated && Date.now() > due + 5_000) throw new Error('the key is still the old one')
    await pause(10)
  }
  console.log(
    `${calls.before} calls before the new key, ${calls.after} after, ${refusals.length} refused`,
  )
  expect(Math.min(calls.before, calls.after)).toBeGreaterThan(10)
  expect({ refusals, troubles }).toEqual({ refusals: [], troubles: [] })
  expect(await recorded('refused')).toBe(0)
  expect(await recorded('cloned')).toBe(0)
  expect(await recorded('key-rotated')).toBe(1)

  await setClocks(overlap + 60)
  const byNew = httpCalls(house, identity, await key())
  for (const node of nodes) {
    await goTo(node)
    expect(await byNew(node, 'workstation.report', report)).toMatchObject({ status: 200 })
  }
  for (const node of nodes) {
    house.choose(node)
    const credentials = createCredentials({ identity, post: createMachinePost({}) })
    const asked = credentials.headers(old, { method: 'GET', path: '/agent/v1/socket' })
    await expect(asked).rejects.toMatchObject({ name: 'MachineRefused', reason: 'revoked' })
  }
})
