import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, expect, inject, test } from 'vitest'
import { createAuditLog, verifyDatabase } from '../../../main/audit/index.ts'
import { sequence } from '../../../main/audit/sequencer.ts'
import { noteSigner } from '../../../main/audit/signed-note.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { keepMoments } from '../../support/committed-moments.ts'
import { startFaultyProxy } from '../../support/faulty-proxy.ts'
import { startKillableNode } from '../../support/killable-node.ts'
import { type LightAgent, startLightAgent } from '../../support/light-agent.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startNode } from '../../support/nodes.ts'
import { startPostgres } from '../../support/postgres.ts'
import { untruths } from '../../support/settled-truth.ts'
import { startStandby } from '../../support/standby.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

const schema = 'lanyard'
const patience = { timeout: 60_000, interval: 20 }

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A primary that confirms what its standby has on its disk, too; and the address of both. */
async function pair() {
  const primary = await startPostgres({ settings: { track_commit_timestamp: 'on' } })
  undo.push(() => primary.dispose())
  const standby = await startStandby(primary)
  undo.push(() => standby.dispose())
  const both = `${primary.host}:${primary.port},127.0.0.1:${standby.port}`
  return { primary, standby, connectionString: `postgresql://postgres@${both}/postgres` }
}

/** A person who is on the way between two seats, one on each node. */
interface Lane {
  readonly person: ReadyPerson
  readonly seats: readonly LightAgent[]
}

/** Signs in and out everywhere until told to stop, whatever comes of it. */
function atWork(lanes: readonly Lane[]) {
  const over = new AbortController()
  const working = Promise.all(
    lanes.map(async ({ person, seats }) => {
      while (!over.signal.aborted)
        for (const seat of seats) {
          await seat.tap(person, { passkey: true })
          if (Math.random() < 0.3) await seat.signOut()
          await pause(2)
        }
    }),
  )
  return async () => {
    over.abort()
    await working
  }
}

const told = (lanes: readonly Lane[]) =>
  lanes.flatMap(({ seats }) => seats.flatMap(({ acknowledged }) => acknowledged)).length

test('a primary dies in the middle of sign-ins: its standby has all that was confirmed, and the old one is not written to again', async () => {
  const { primary, standby, connectionString } = await pair()
  const common = { connectionString, schema, policy: { 'roaming.secureWithin': 400 } }
  const nodes = [
    await startNode({ ...common, name: 'node-1' }),
    await startNode({ ...common, name: 'node-2' }),
  ] as const
  for (const node of nodes) undo.push(() => node.stop())
  // The test itself looks at whichever is the primary.
  const way = await startFaultyProxy({ host: primary.host, port: primary.port })
  undo.push(() => way.dispose())
  const moments = await keepMoments(`postgresql://postgres@127.0.0.1:${way.port}/postgres`, schema)
  undo.push(() => moments.close())
  const people = await addPeople(nodes[0].db, 'person', 4)
  const lanes: Lane[] = await Promise.all(
    people.map(async (person, n) => ({
      person,
      seats: await Promise.all(nodes.map((node, at) => startLightAgent(`seat-${n}-${at}`, node))),
    })),
  )
  undo.push(() => Promise.all(lanes.flatMap(({ seats }) => seats.map((seat) => seat.dispose()))))

  const settle = async () => {
    for (const { person, seats } of lanes) {
      const { personId } = person
      const [at] = seats
      if (!at) throw new Error('no seat')
      await expect.poll(() => at.tap(person, { passkey: true }), patience).toBe(true)
      const settled = {
        people: [personId],
        last: { personId, at },
        seats,
        awake: seats,
        tokens: [],
      }
      await expect
        .poll(async () => {
          const restless = seats.flatMap(({ unsettled }) => unsettled ?? [])
          return [...restless, ...(await untruths({ moments, nodes }, settled)).wrong]
        }, patience)
        .toEqual([])
    }
    expect(await faultsOf(nodes[0].db, moments.query)).toEqual([])
  }

  let stop = atWork(lanes)
  await expect.poll(() => told(lanes), patience).toBeGreaterThan(20)
  // What it says now and the standby does not hear would be lost.
  standby.fallSilent()
  await pause(300)
  await primary.kill()
  await standby.promote()
  way.target = { host: '127.0.0.1', port: standby.port }
  way.cut()
  const before = told(lanes)
  // By itself.
  await expect.poll(() => told(lanes), patience).toBeGreaterThan(before + 20)
  await stop()
  await settle()

  // The old primary comes back as if nothing had happened, and takes everything.
  await primary.start()
  await primary.admin('alter system reset synchronous_standby_names')
  await primary.admin('select pg_reload_conf()')
  const written = () =>
    primary.admin(
      `select (select count(*) from ${schema}."auditRecord") as records,
        (select count(*) from ${schema}.sessions) as sessions,
        (select count(*) from ${schema}.agent_channels) as seats,
        (select max(last_value) from pg_sequences where schemaname = $1) as ids`,
      [schema],
    )
  const left = await written()
  stop = atWork(lanes)
  for (let round = 0; round < 3; round += 1) {
    // Everybody has to look for the primary, and finds only the old one at first.
    await standby.restart()
    const reached = told(lanes)
    await expect.poll(() => told(lanes), patience).toBeGreaterThan(reached + 10)
  }
  // A node that knows nothing yet.
  const fresh = await startKillableNode({ connectionString, schema })
  undo.push(() => fresh.kill())
  const connections = `select 1 from pg_stat_activity where application_name = $1`
  expect(await standby.admin(connections, [fresh.name])).not.toEqual([])
  expect(await primary.admin(connections, [fresh.name])).toEqual([])
  await stop()
  await settle()
  expect(await written()).toEqual(left)
}, 300_000)

test('what the standby does not have is not confirmed, not even when somebody ends the wait for it', async () => {
  const { primary, standby, connectionString } = await pair()
  const db = await openPostgres({ connectionString, schema, migrations: [], poolSize: 2 })
  undo.push(() => db.close())
  await db.write((tx) => sql`create table kept (n bigint)`.execute(tx))
  const insert = (n: number) => db.write((tx) => sql`insert into kept values (${n})`.execute(tx))
  await insert(1)
  standby.fallSilent()
  const written = insert(2).then(
    () => 'kept',
    (error: unknown) => (error as { code?: string }).code,
  )
  // To an administrator it seems to hang. PostgreSQL then says `COMMIT`, and a warning beside it.
  const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`
  await expect.poll(() => primary.admin(cancel), patience).not.toEqual([])
  expect(await written).toBe('unconfirmed')
  standby.listen()
  await insert(3)
  const rows = await primary.admin(`select n from ${schema}.kept order by n`)
  expect(rows.map(({ n }) => Number(n))).toEqual([1, 2, 3])
})

test('a node that dies between the tree and the commit leaves the tree to another', async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const seed = new Uint8Array(32).fill(7)
  const origin = 'lanyard.example/service'
  const db = await openPostgres({ ...session, poolSize: 4 })
  undo.push(() => db.close())
  const dying = await openPostgres({ ...session, poolSize: 1 })
  undo.push(() => dying.close())
  const log = await createAuditLog({ db, seed, origin, now: Date.now })
  undo.push(() => log.dispose())
  const { size } = await log.checkpoint()
  for (let n = 0; n < 5; n += 1)
    await db.write((tx) =>
      log.append(tx, {
        event: 'badge.identified',
        outcome: 0,
        actor: 'p-ada',
        workstation: 'w-1',
        session: null,
        patient: null,
        assurance: null,
        purposeOfUse: 'TREAT',
        detail: { n },
      }),
    )
  const signer = noteSigner(origin, seed)
  let appended = 0
  const died = dying.write(
    async (tx) => {
      appended = (await sequence(tx, { signer, wait: true, known: null })).size
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
    },
    { isolation: 'read-committed' },
  )
  await expect(died).rejects.toMatchObject({ code: 'unreachable' })
  expect(appended).toBe(size + 5)
  const tree = db.read.selectFrom('auditTree').select('size')
  expect(await tree.executeTakeFirst()).toEqual({ size })
  expect((await log.checkpoint()).size).toBe(size + 5)
  expect(await verifyDatabase(db)).toMatchObject({ ok: true, records: size + 5 })
})
