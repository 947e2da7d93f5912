import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { historyOf } from '../../../main/authority/events/history.ts'
import { startEventFeed } from '../../../main/authority/events/index.ts'
import { createEventHub } from '../../../main/authority/events/hub.ts'
import { standingConnection } from '../../../main/authority/events/standing-connection.ts'
import { connectAuthority } from '../../../main/authority/protocol/client.ts'
import type { AuthorityEvent } from '../../../main/authority/protocol/index.ts'
import { createUnits } from '../../../main/authority/unit-of-work.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import type { Database } from '../../../main/store/port.ts'
import { startFaultyProxy } from '../../support/faulty-proxy.ts'
import { agentHeaders, startNode } from '../../support/nodes.ts'
import { freshSchema, type FreshSchema } from '../../support/postgres-schema.ts'

const news = (text: string) =>
  ({ type: 'override.ended', sessionId: 's' as never, overrideId: text }) as const
const textOf = (event: AuthorityEvent) => ('overrideId' in event ? event.overrideId : '')

let place: FreshSchema
const undo: (() => Promise<unknown>)[] = []
beforeEach(() => {
  place = freshSchema(inject('postgres'))
})
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  await place.drop()
})

interface HubOptions {
  readonly pollEvery?: number
  readonly history?: () => Promise<string | null>
  readonly session?: { readonly connectionString: string }
}

async function hubOn(options: HubOptions = {}) {
  const session = { ...place.session, ...options.session }
  const db = await openPostgres({ ...session, poolSize: 4 })
  undo.push(() => db.close())
  const hub = createEventHub({ db })
  const unit = createUnits({ db, now: () => Date.now(), events: hub, onDue: () => {} })
  const lags: number[] = []
  const feed = await startEventFeed({
    db,
    session,
    hub,
    pollEvery: options.pollEvery ?? 60_000,
    ...(options.history ? { history: options.history } : {}),
    onPassed: (at) => lags.push(Date.now() - at),
  })
  undo.push(() => feed.dispose())
  await expect.poll(() => feed.listening).toBe(true)
  const publish = (workstation: string, ...texts: string[]) =>
    unit((work) => {
      for (const text of texts) work.publish(workstation, news(text))
      return Promise.resolve()
    })
  async function heard(workstation: string) {
    const texts: string[] = []
    const following = hub.follow(
      workstation,
      (event) => texts.push(`${event.seq} ${textOf(event)}`),
      () => texts.push('lost'),
    )
    following.from(await hub.open(workstation))
    return texts
  }
  return { db, hub, unit, feed, lags, publish, heard }
}

test('what one node commits is heard at another, without anybody polling', async () => {
  const [one, two] = [await hubOn(), await hubOn()]
  const texts = await two.heard('ws-1')
  const own = await one.heard('ws-1')
  await one.publish('ws-1', 'a', 'b')
  await two.publish('ws-1', 'c')
  await one.publish('ws-2', 'not for ws-1')
  await expect.poll(() => texts).toEqual(['1 a', '2 b', '3 c'])
  await expect.poll(() => own).toEqual(['1 a', '2 b', '3 c'])
})

test('how long an event took is told once, by a node that passed on what another wrote', async () => {
  const [one, two] = [await hubOn(), await hubOn()]
  const texts = await two.heard('ws-1')
  await one.heard('ws-1')
  await one.publish('ws-1', 'a', 'b')
  await one.publish('ws-2', 'for nobody here')
  await expect.poll(() => texts).toEqual(['1 a', '2 b'])
  two.feed.wake()
  await two.publish('ws-1', 'c')
  await expect.poll(() => one.lags).toHaveLength(1)
  expect(two.lags).toHaveLength(2)
  expect(two.lags.every((lag) => lag >= 0 && lag < 60_000)).toBe(true)
})

test('rows that are committed in another order than they were begun are all delivered', async () => {
  const [one, two] = [await hubOn(), await hubOn({ pollEvery: 10 })]
  const heard = await Promise.all(['ws-1', 'ws-2', 'ws-3'].map((ws) => two.heard(ws)))
  // Begins first, commits last: a cursor by id or by time has passed it by then.
  const slow = new Client(place.session)
  await slow.connect()
  await slow.query(`set search_path to ${place.session.schema}`)
  await slow.query('begin')
  await slow.query('update agent_channels set seq = 1 where workstation_id = $1', ['ws-1'])
  await slow.query(
    `insert into agent_events (workstation_id, seq, body, at) values ('ws-1', 1, $1, 0)`,
    [JSON.stringify(news('slow'))],
  )
  for (const text of ['a', 'b', 'c']) {
    await one.publish('ws-2', text)
    await one.publish('ws-3', text)
  }
  // An older transaction that still runs holds nobody up.
  await expect.poll(() => heard[1]).toEqual(['1 a', '2 b', '3 c'])
  await expect.poll(() => heard[2]).toEqual(['1 a', '2 b', '3 c'])
  await pause(50)
  expect(heard[0]).toEqual([])
  await slow.query('commit')
  await slow.end()
  await expect.poll(() => heard[0]).toEqual(['1 slow'])
})

test('many writers at once on two nodes: every event once, in order, at both', async () => {
  const nodes = [await hubOn(), await hubOn()] as const
  const places = ['ws-1', 'ws-2', 'ws-3', 'ws-4']
  const heard = await Promise.all(nodes.flatMap((node) => places.map((ws) => node.heard(ws))))
  const count = 60
  await Promise.all(
    nodes.flatMap((node, at) =>
      places.map(async (ws) => {
        for (let n = 0; n < count; n += 1) await node.publish(ws, `${at}-${n}`)
      }),
    ),
  )
  await expect.poll(() => heard.map((texts) => texts.length)).toEqual(heard.map(() => 2 * count))
  for (const texts of heard) {
    expect(texts.map((text) => Number(text.split(' ')[0]))).toEqual(texts.map((_, n) => n + 1))
    expect(new Set(texts.map((text) => text.split(' ')[1])).size).toBe(2 * count)
  }
  // Both nodes saw the same order.
  for (const [at] of places.entries()) expect(heard[at]).toEqual(heard[at + places.length])
}, 60_000)

test('what the server wrote under lower numbers after a failover is heard when it is back', async () => {
  const { db, heard } = await hubOn()
  const texts = await heard('ws-1')
  const admin = new Client(place.session)
  await admin.connect()
  await admin.query(`set search_path to ${place.session.schema}`)
  await admin.query(`update agent_channels set seq = 1 where workstation_id = 'ws-1'`)
  await admin.query(
    `insert into agent_events (workstation_id, seq, body, at, xid) values ('ws-1', 1, $1, 0, '3')`,
    [JSON.stringify(news('lower'))],
  )
  await admin.query('notify lanyard_events')
  await pause(100)
  expect(texts).toEqual([])
  await cutListener(admin)
  await admin.end()
  await expect.poll(() => texts).toEqual(['1 lower'])
  expect(await db.read.selectFrom('agent_events').select('seq').execute()).toHaveLength(1)
})

const cutListener = (admin: Client) =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen lanyard_events'`,
  )

test('on a database with another history every agent begins anew, whatever its number', async () => {
  let history: string | null = 'before'
  let asked = 0
  const { feed, heard, publish } = await hubOn({
    history() {
      asked += 1
      return Promise.resolve(history)
    },
  })
  // At the start, and when the line that listens came up.
  await expect.poll(() => asked).toBe(2)
  const texts = [await heard('ws-1'), await heard('ws-2')]
  await publish('ws-1', 'a')
  const admin = new Client(place.session)
  await admin.connect()
  undo.push(() => admin.end())
  await cutListener(admin)
  await expect.poll(() => asked).toBe(3)
  await publish('ws-1', 'b')
  expect(texts).toEqual([['1 a', '2 b'], []])

  // It does not say at once, as a server that is hardly back.
  history = null
  await cutListener(admin)
  await expect.poll(() => asked).toBe(4)
  await expect.poll(() => feed.listening).toBe(true)
  history = 'after'
  feed.wake()
  await expect.poll(() => texts).toEqual([['1 a', '2 b', 'lost'], ['lost']])
  // What the numbers mean now is for the next hello.
  await publish('ws-1', 'c')
  expect(texts[0]?.at(-1)).toBe('lost')
})

test('PostgreSQL names its history, and it stays while nothing fails', async () => {
  const { db } = await hubOn()
  const history = await historyOf(db)
  expect(history).toMatch(/^\d+\/[0-9A-F]{8}$/)
  await expect(historyOf(db)).resolves.toBe(history)
})

test('a connected agent whose events the database lost becomes whole by itself', async () => {
  const node = await startNode({ ...place.session, name: 'node-1' })
  undo.push(() => node.stop())
  const heard: string[] = []
  const hellos: number[] = []
  const client = connectAuthority({
    url: node.url,
    headers: agentHeaders('ws-1'),
    backoff: { first: 5, longest: 20 },
  })
  undo.push(() => client.dispose())
  client.onEvent((event) => heard.push(`${event.seq} ${textOf(event)}`))
  client.onConnection((state, hello) => {
    if (state === 'online' && hello) hellos.push(hello.seq)
  })
  await expect.poll(() => hellos).toEqual([0])
  const { db, authority } = node
  const unit = createUnits({ db, now: () => Date.now(), events: authority.events, onDue: () => {} })
  const tell = (text: string) => unit((work) => Promise.resolve(work.publish('ws-1', news(text))))
  for (const text of ['a', 'b', 'c', 'd', 'e']) await tell(text)
  await expect.poll(() => heard).toHaveLength(5)

  const admin = new Client(place.session)
  await admin.connect()
  await admin.query(`set search_path to ${place.session.schema}`)
  await admin.query(
    'begin; delete from agent_events where seq > 2; update agent_channels set seq = 2; commit',
  )
  await admin.end()
  await tell('new c')
  await expect.poll(() => hellos, { timeout: 20_000 }).toEqual([0, 3])
  await tell('new d')
  await expect.poll(() => heard.at(-1)).toBe('4 new d')
})

test('a connection that cannot be prepared is not left behind', async () => {
  const address = new URL(place.session.connectionString)
  address.searchParams.set('application_name', 'unprepared')
  let tries = 0
  const standing = standingConnection({
    session: { ...place.session, connectionString: address.href },
    prepare() {
      tries += 1
      return Promise.reject(new Error('not now'))
    },
  })
  undo.push(() => standing.dispose())
  await expect.poll(() => tries).toBeGreaterThan(3)
  const admin = new Client(place.session)
  await admin.connect()
  const { rows } = await admin.query(
    `select pid from pg_stat_activity where application_name = 'unprepared'`,
  )
  await admin.end()
  expect(rows.length).toBeLessThan(3)
})

test('a wake-up that never comes costs a poll, and no more', async () => {
  const [one, polls, waits] = [await hubOn(), await hubOn({ pollEvery: 100 }), await hubOn()]
  const heard = [await polls.heard('ws-1'), await waits.heard('ws-1')]
  one.hub.onCommitted(() => {})
  await one.publish('ws-1', 'unannounced')
  await expect.poll(() => heard).toEqual([['1 unannounced'], []])
})

test('the line that listens comes back by itself, and what was missed is read', async () => {
  const { hostname, port } = new URL(place.session.connectionString)
  const proxy = await startFaultyProxy({ host: hostname, port: Number(port) })
  undo.push(() => proxy.dispose())
  const through = new URL(place.session.connectionString)
  through.port = String(proxy.port)
  const one = await hubOn()
  const two = await hubOn({ session: { connectionString: through.href } })
  const texts = await two.heard('ws-1')
  proxy.refusing = true
  proxy.cut()
  await expect.poll(() => two.feed.listening).toBe(false)
  await one.publish('ws-1', 'meanwhile')
  await pause(200)
  expect(texts).toEqual([])
  proxy.refusing = false
  await expect.poll(() => texts).toEqual(['1 meanwhile'])
  expect(two.feed.listening).toBe(true)
  await one.publish('ws-1', 'after')
  await expect.poll(() => texts).toEqual(['1 meanwhile', '2 after'])
})

test('a try that did not commit tells nothing and leaves no gap', async () => {
  const one = await hubOn()
  const texts = await one.heard('ws-1')
  await expect(
    one.unit((work) => {
      work.publish('ws-1', news('never'))
      return Promise.reject(new Error('no'))
    }),
  ).rejects.toThrow('no')
  await one.publish('ws-1', 'first')
  expect(texts).toEqual(['1 first'])
})

test('what all are told reaches those that never heard anything, on every node', async () => {
  const [one, two] = [await hubOn(), await hubOn()]
  const first = await one.heard('ws-1')
  const second = await two.heard('ws-2')
  await one.publish('ws-1', 'a')
  // Whoever says hello meanwhile is either told, or comes after and reads what holds by then.
  const hellos = Array.from({ length: 8 }, (_, n) => two.hub.open(`new-${n}`))
  await one.unit((work) => {
    work.publishToAll(news('all'))
    work.publish('ws-1', news('b'))
    return Promise.resolve()
  })
  await Promise.all(hellos)
  await expect.poll(() => first).toEqual(['1 a', '2 all', '3 b'])
  await expect.poll(() => second).toEqual(['1 all'])
})

test('of workstations that are new none waits for another, and whoever tells all waits for them', async () => {
  const [one, two] = [await hubOn(), await hubOn()]
  const begun = Promise.withResolvers<void>()
  const commit = Promise.withResolvers<void>()
  undo.push(() => Promise.resolve(commit.resolve()))
  const slow: Database = {
    ...one.db,
    write: (work, options) =>
      one.db.write(async (tx) => {
        const value = await work(tx)
        begun.resolve()
        await commit.promise
        return value
      }, options),
  }
  const opening = createEventHub({ db: slow }).open('ws-slow')
  await begun.promise
  await Promise.all(Array.from({ length: 20 }, (_, n) => two.hub.open(`new-${n}`)))

  const told = two.unit((work) => Promise.resolve(work.publishToAll(news('all'))))
  // Its transaction has begun and waits when another one runs before it.
  await expect.poll(waiting).toBe(1)
  commit.resolve()
  await Promise.all([opening, told])
  const rows = await one.db.read
    .selectFrom('agent_channels')
    .select(['workstation_id', 'seq'])
    .execute()
  expect(rows).toHaveLength(21)
  expect(rows.filter(({ seq }) => seq !== 1)).toEqual([])
})

/** Transactions that wait for a lock. */
async function waiting(): Promise<number> {
  const admin = new Client(place.session)
  await admin.connect()
  const { rows } = await admin.query<{ count: number }>(
    `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`,
  )
  await admin.end()
  return rows[0]?.count ?? 0
}

test('only the last events are kept', async () => {
  const one = await hubOn()
  for (let n = 0; n < 40; n += 1)
    await one.publish('ws-1', ...Array.from({ length: 10 }, (_, m) => `${n}-${m}`))
  const rows = await one.db.read.selectFrom('agent_events').select('seq').orderBy('seq').execute()
  expect(rows.length).toBeGreaterThanOrEqual(256)
  expect(rows.length).toBeLessThan(256 + 64 + 10)
  expect(rows.at(-1)?.seq).toBe(400)
  expect(await one.hub.since('ws-1', 0)).toEqual([])
  expect(await one.hub.since('ws-1', 395)).toHaveLength(5)
})

test('an agent goes from one node to another and misses nothing, repeats nothing', async () => {
  const nodes = [
    await startNode({ ...place.session, name: 'node-1' }),
    await startNode({ ...place.session, name: 'node-2' }),
  ] as const
  undo.push(() => Promise.all(nodes.map((node) => node.stop())))
  const proxy = await startFaultyProxy({ host: '127.0.0.1', port: nodes[0].port })
  undo.push(() => proxy.dispose())
  const client = connectAuthority({
    url: `http://127.0.0.1:${proxy.port}`,
    headers: agentHeaders('ws-1'),
    backoff: { first: 5, longest: 20 },
  })
  undo.push(() => client.dispose())
  const heard: number[] = []
  client.onEvent(({ seq }) => heard.push(seq))
  let hellos = 0
  client.onConnection((state) => (hellos += state === 'online' ? 1 : 0))
  await expect.poll(() => hellos).toBe(1)

  const writers = nodes.map(({ db, authority }) =>
    createUnits({ db, now: () => Date.now(), events: authority.events, onDue: () => {} }),
  )
  const count = 150
  for (let n = 0; n < count; n += 1) {
    const write = writers[n % 2]
    await write?.((work) => Promise.resolve(work.publish('ws-1', news(String(n)))))
    if (n % 20 !== 10) continue
    const { port } = nodes[Math.floor(n / 20) % 2 === 0 ? 1 : 0]
    proxy.target = { host: '127.0.0.1', port }
    proxy.cut()
  }
  await expect.poll(() => heard.length).toBe(count)
  expect(heard).toEqual(Array.from({ length: count }, (_, n) => n + 1))
  expect(hellos).toBeGreaterThan(3)
}, 60_000)
