import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import {
  type MachineKey,
  machineKey,
  type MachinesFixture,
  machinesFixture,
  randomId,
} from '../../../test/support/machines.ts'
import type { Handlers } from '../context.ts'
import { workstationIdSchema } from '../protocol/index.ts'
import { createBound } from '../server/bound.ts'
import { type Database, StoreError } from '../../store/port.ts'
import type { Connection } from '../server/connection.ts'

/** Of a machine that has other things to do, ms. */
const patient = { timeout: 10_000 }

let f: MachinesFixture
let other: MachinesFixture
let key: MachineKey
beforeEach(async () => {
  f = await machinesFixture({ nodeId: 'node-1' })
  other = await machinesFixture({ db: f.db, nodeId: 'node-2' })
  key = await machineKey()
  await f.enrolled('ws-1', key)
})
afterEach(async () => {
  await other.dispose()
  await f.dispose()
})

interface FakeConnection extends Connection {
  readonly closed: string[]
  asked: number
  lose(): void
}

/** `alive` is whether its peer answers pings. */
function connection({ alive = true } = {}): FakeConnection {
  const listeners: (() => void)[] = []
  const made: FakeConnection = {
    id: randomId(),
    closed: [],
    asked: 0,
    alive: () => {
      made.asked += 1
      return Promise.resolve(alive)
    },
    close(code, reason) {
      made.closed.push(`${code} ${reason}`)
    },
    onClose: (listener) => void listeners.push(listener),
    lose: () => listeners.forEach((listener) => listener()),
  }
  return made
}

const said = { now: 0 } as never
const handlers = {
  'agent.hello': () => Promise.resolve(said),
  'session.activity': () => Promise.resolve(said),
} as unknown as Handlers

const callerOf = (at: Connection, by = key, id = 'ws-1') => ({
  workstation: { id: workstationIdSchema.parse(id), name: 'Ward 3' },
  keyId: by.keyId,
  connection: at,
})
const hellos = new Map<MachinesFixture, Handlers>()
const guarded = (node: MachinesFixture) => {
  const made = hellos.get(node) ?? node.machines.guard(handlers)
  hellos.set(node, made)
  return made
}
const hello = (at: Connection, { node = f, instance = randomId(), by = key, id = 'ws-1' } = {}) =>
  guarded(node)['agent.hello']({ protocol: 1, afterSeq: 0, instance }, callerOf(at, by, id))
const look = async () => {
  await f.machines.look()
  await other.machines.look()
}
async function beginSession(session_id: string, workstation_id: string): Promise<void> {
  const at = f.now()
  await f.db.write(async (tx) => {
    const person_id = `person-of-${session_id}`
    await tx
      .insertInto('people')
      .values({
        person_id,
        given: 'Maria',
        family: 'Example',
        role: 'nurse',
        user_handle: person_id,
        applications: '[]',
        patient: null,
        roster: null,
      })
      .execute()
    await tx
      .insertInto('sessions')
      .values({
        session_id,
        person_id,
        workstation_id,
        workstation_name: workstation_id,
        kind: 'standard',
        scope: 'full',
        aal: 2,
        amr: '[]',
        verified_at: at,
        started_at: at,
        ends_at: at + 3_600_000,
        last_activity_at: at,
        shielded_at: null,
        applications: '[]',
        patient: null,
        witness_id: null,
        ended_at: null,
        end_reason: null,
        cleared_at: null,
        continues: null,
      })
      .execute()
  })
}
const rows = () => f.db.read.selectFrom('workstation_connections').selectAll().execute()

/** A node on the same database, with something before each of its writes. */
async function nodeThatWrites(write: Database['write']): Promise<MachinesFixture> {
  const db: Database = { read: f.db.read, close: () => f.db.close(), write }
  const node = await machinesFixture({ db, nodeId: 'node-3' })
  onTestFinished(() => node.dispose())
  return node
}

/** Connections of as many workstations; that they have one key is of no matter here. */
async function crowd(count: number, node: MachinesFixture): Promise<FakeConnection[]> {
  const all = Array.from({ length: count }, () => connection())
  await Promise.all(all.map((at, n) => hello(at, { node, id: `ws-${n}` })))
  return all
}

const clones = () =>
  [...f.records, ...other.records].filter(({ event }) => event === 'workstation.cloned')

test.each(['the same node', 'another node'])(
  'two live connections of one workstation, the second at %s: a copy, told to both seats once',
  async (where) => {
    const first = connection()
    const second = connection()
    await hello(first)
    await look()
    expect(clones()).toEqual([])
    await hello(second, { node: where === 'the same node' ? f : other })
    await look()
    await look()
    expect(clones()).toMatchObject([
      { workstation: 'ws-1', detail: { sign: 'two-connections', key: key.keyId } },
    ])
    expect(f.events.map(({ workstation, body }) => [workstation, JSON.parse(body)])).toEqual([
      ['ws-1', { type: 'workstation.cloned', at: f.now() }],
    ])
    expect([...first.closed, ...second.closed]).toEqual([])
  },
)

test.each(['the same node', 'another node'])(
  'a restarted agent whose old connection is half open, the new one at %s, is no copy',
  async (where) => {
    const halfOpen = connection({ alive: false })
    await hello(halfOpen, { instance: 'before' })
    await hello(connection(), { node: where === 'the same node' ? f : other, instance: 'after' })
    await look()
    await look()
    expect(halfOpen.asked).toBe(1)
    expect(clones()).toEqual([])
  },
)

test('a reconnect, before or after the old connection is known to be lost, is no copy', async () => {
  const instance = randomId()
  const first = connection({ alive: false })
  await hello(first, { instance })
  const second = connection()
  await hello(second, { instance })
  first.lose()
  await look()
  second.lose()
  await hello(connection(), { instance, node: other })
  await look()
  expect(second.asked).toBe(0)
  expect(clones()).toEqual([])
})

test('hello again on the same connection is no second one', async () => {
  const first = connection()
  await hello(first)
  await hello(first)
  await look()
  expect(first.asked).toBe(0)
})

test('two workstations are nothing to each other', async () => {
  const second = await machineKey()
  await f.enrolled('ws-2', second)
  const first = connection()
  await hello(first)
  await hello(connection(), { by: second, id: 'ws-2' })
  await look()
  expect(first.asked).toBe(0)
})

test('a machine copied with its running agent shows, too', async () => {
  await hello(connection(), { instance: 'one and the same' })
  await hello(connection(), { instance: 'one and the same', node: other })
  await look()
  expect(clones()).toHaveLength(1)
})

test('who said no hello is not heard', async () => {
  const silent = connection()
  const ask = () => guarded(f)['session.activity']({ sessionId: 's' as never }, callerOf(silent))
  await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
  await hello(silent)
  await expect(ask()).resolves.toBe(said)
  silent.lose()
  await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
})

test('a disabled workstation is cut off at every node by the next look', async () => {
  const here = connection()
  const there = connection()
  const neighbour = connection()
  const second = await machineKey()
  await f.enrolled('ws-2', second)
  await hello(here)
  await hello(there, { node: other })
  await hello(neighbour, { by: second, id: 'ws-2' })
  await f.machines.register.disable({ id: 'ws-1', by: 'it' })
  expect(f.events.map(({ body }) => JSON.parse(body) as unknown)).toContainEqual({
    type: 'workstation.disabled',
  })
  await look()
  expect([here.closed, there.closed, neighbour.closed]).toEqual([
    ['1008 disabled'],
    ['1008 disabled'],
    [],
  ])
})

test('enrolled anew, the connection of the old key is cut off; the new one is not', async () => {
  const stolen = connection()
  await hello(stolen, { node: other })
  const { token } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
  const next = await machineKey()
  await f.enrol(token, await f.enrolProof(next, token))
  const own = connection()
  await hello(own, { by: next })
  await look()
  expect([stolen.closed, own.closed]).toEqual([['1008 revoked'], []])
})

test.each([
  ['was taken out of service', () => f.machines.register.disable({ id: 'ws-1', by: 'it' })],
  [
    'was enrolled anew',
    async () => {
      const { token } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
      await f.enrol(token, await f.enrolProof(await machineKey(), token))
    },
  ],
])(
  'who connected, kept silent until it %s long ago, and then says hello is cut off',
  async (_, end) => {
    const silent = connection()
    await end()
    f.advance(10 * 60_000)
    await look()
    await expect(hello(silent)).rejects.toMatchObject({ code: 'conflict' })
    expect(silent.closed).toHaveLength(1)
    const ask = () => guarded(f)['session.activity']({ sessionId: 's' as never }, callerOf(silent))
    await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
  },
)

test('what happened while the database was away for minutes is seen by the next look', async () => {
  const at = connection()
  await hello(at)
  await look()
  await f.machines.register.disable({ id: 'ws-1', by: 'it' })
  f.advance(10 * 60_000)
  await f.machines.look()
  expect(at.closed).toEqual(['1008 disabled'])
})

test('a session that began while its workstation was being disabled is ended', async () => {
  await f.machines.register.disable({ id: 'ws-1', by: 'it' })
  await beginSession('s-1', 'ws-1')
  await f.enrolled('ws-2', await machineKey())
  await beginSession('s-2', 'ws-2')
  await f.machines.look()
  expect(f.ended).toEqual(['s-1 workstation-disabled'])
})

test('a connection whose key retires is told to come back', async () => {
  const at = connection()
  await hello(at)
  const next = await machineKey()
  await f.machines.handlers['machine.rotate'](
    { proof: await f.rotateProof(next, key, 'ws-1') },
    callerOf(at),
  )
  await look()
  expect(at.closed).toEqual([])
  f.advance(24 * 3_600_000)
  await f.machines.look()
  expect(at.closed).toEqual(['1012 retired'])
})

test('what a node left behind when it was killed is forgotten', async () => {
  await hello(connection(), { node: other })
  await hello(connection())
  expect(await rows()).toHaveLength(2)
  f.advance(61_000)
  await f.machines.purge()
  expect(await rows()).toMatchObject([{ node_id: 'node-1', superseded_at: null }])
})

test.each(['the same node', 'another node'])(
  'of two connections that say hello at the same moment, the second at %s, one takes the place',
  async (where) => {
    const node = where === 'the same node' ? f : other
    await Promise.all([hello(connection()), hello(connection(), { node })])
    const all = await rows()
    expect(all).toHaveLength(2)
    expect(all.filter(({ superseded_at }) => superseded_at === null)).toHaveLength(1)
  },
)

test.each(['before', 'after'])(
  'a connection that is lost just %s its place is written leaves none behind',
  async (when) => {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    let writes = 0
    const node = await nodeThatWrites(async (work, options) => {
      writes += 1
      if (writes > 1) return f.db.write(work, options)
      const written = when === 'after' ? await f.db.write(work, options) : null
      reached.resolve()
      await gate.promise
      return written ?? f.db.write(work, options)
    })
    const at = connection()
    const said = hello(at, { node })
    await reached.promise
    at.lose()
    // It is forgotten before it is known.
    await node.machines.look()
    gate.resolve()
    await Promise.allSettled([said])
    await expect.poll(rows, patient).toEqual([])
    const ask = () => guarded(node)['session.activity']({ sessionId: 's' as never }, callerOf(at))
    await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
  },
)

test('300 connections that are lost at once are forgotten in a few writes', async () => {
  let writes = 0
  const node = await nodeThatWrites((work, options) => {
    writes += 1
    return f.db.write(work, options)
  })
  const all = await crowd(300, node)
  expect(await rows()).toHaveLength(300)
  writes = 0
  for (const at of all) at.lose()
  await expect.poll(rows, patient).toEqual([])
  expect(writes).toBeLessThan(10)
})

test('300 that cannot be forgotten are one warning, and are forgotten with the next look', async () => {
  let refused = 0
  let refusing = false
  const node = await nodeThatWrites((work, options) => {
    if (!refusing) return f.db.write(work, options)
    refusing = false
    refused += 1
    return Promise.reject(new StoreError('busy', 'no', 'none'))
  })
  const all = await crowd(300, node)
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => printed.mockRestore())
  const warnings = () =>
    printed.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('"warn"'))
  refusing = true
  for (const at of all) at.lose()
  await expect.poll(warnings, patient).toHaveLength(1)
  expect(JSON.parse(warnings().join(''))).toMatchObject({
    event: 'connections-not-forgotten',
    code: 'busy',
    left: 300,
  })
  expect(await rows()).toHaveLength(300)
  await node.machines.look()
  expect(await rows()).toEqual([])
  expect([warnings().length, refused]).toEqual([1, 1])
})

test('a node that stops forgets its connections, and no other node’s', async () => {
  await hello(connection())
  await hello(connection(), { node: other, id: 'ws-2' })
  await f.machines.dispose()
  expect(await rows()).toMatchObject([{ node_id: 'node-2', workstation_id: 'ws-2' }])
})

test('a database that stays away is one warning, however many are lost meanwhile', async () => {
  let away = false
  const node = await nodeThatWrites((work, options) =>
    away ? Promise.reject(new StoreError('busy', 'no', 'none')) : f.db.write(work, options),
  )
  const all = await crowd(50, node)
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => printed.mockRestore())
  away = true
  for (const at of all) {
    at.lose()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(printed.mock.calls).toHaveLength(1)
  away = false
  await node.machines.look()
  expect(await rows()).toEqual([])
})

/** A connection whose hello was refused by a database that is well again now. */
async function afterRefusal() {
  let refusing = true
  const node = await nodeThatWrites((work, options) =>
    refusing ? Promise.reject(new StoreError('busy', 'no', 'none')) : f.db.write(work, options),
  )
  const at = connection()
  await expect(hello(at, { node })).rejects.toMatchObject({ code: 'busy' })
  refusing = false
  return { node, at }
}

test('a hello that the database refused makes nobody known, and the next one takes the place', async () => {
  const { node, at } = await afterRefusal()
  const ask = () => guarded(node)['session.activity']({ sessionId: 's' as never }, callerOf(at))
  await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
  await hello(at, { node })
  expect(await rows()).toHaveLength(1)
})

test('whoever was disabled after a hello that the database refused is not greeted by the next', async () => {
  const { node, at } = await afterRefusal()
  await f.machines.register.disable({ id: 'ws-1', by: 'it' })
  f.advance(10 * 60_000)
  await node.machines.look()
  await expect(hello(at, { node })).rejects.toMatchObject({ code: 'conflict' })
})

test('who says hello again before it is known waits for what comes of the first', async () => {
  const gate = Promise.withResolvers<void>()
  const node = await nodeThatWrites(async (work, options) => {
    await gate.promise
    return f.db.write(work, options)
  })
  await f.machines.register.disable({ id: 'ws-1', by: 'it' })
  const at = connection()
  const both = Promise.allSettled([hello(at, { node }), hello(at, { node })])
  gate.resolve()
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('a hello that was given up takes no place from who came after it at another node', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = await nodeThatWrites(async (work, options) => {
    await gate.promise
    return f.db.write(work, options)
  })
  const [first, second] = [connection(), connection()]
  const bound = createBound({ limit: 8, answerWithin: 20 })
  const given = bound.run(() => hello(first, { node: slow }))
  await expect(given).rejects.toMatchObject({ code: 'overload', reason: 'nothing' })
  first.lose()
  await hello(second)
  gate.resolve()
  await expect.poll(() => slow.machines.look().then(rows), patient).toHaveLength(1)
  expect(await rows()).toMatchObject([{ connection_id: second.id, superseded_at: null }])
  await look()
  expect(f.records.map(({ event }) => event)).not.toContain('workstation.cloned')
})
