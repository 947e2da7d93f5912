import { execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, expect, test, vi } from 'vitest'
import { StoreError, type Database } from '../../../main/store/port.ts'
import { openPostgres, type OpenPostgresOptions } from '../../../main/store/postgres/index.ts'
import { startFaultyProxy } from '../../support/faulty-proxy.ts'
import { startPostgres, type ClusterOptions, type PostgresCluster } from '../../support/postgres.ts'

const run = promisify(execFile)

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function cluster(options: ClusterOptions = {}): Promise<PostgresCluster> {
  const one = await startPostgres(options)
  undo.push(() => one.dispose())
  return one
}
async function store(
  server: PostgresCluster,
  options: Partial<OpenPostgresOptions> = {},
): Promise<Database> {
  const connectionString = server.connectionString
  const db = await openPostgres({ ...options, connectionString, migrations: [] })
  undo.push(() => db.close().catch(() => {}))
  await db.write((tx) => sql`create table if not exists "kept" ("n" bigint)`.execute(tx))
  return db
}

const insert = (db: Database, n: number) =>
  db.write((tx) => sql`insert into "kept" values (${n})`.execute(tx), { lock: [`n:${n}`] })

async function kept(db: Database): Promise<Set<number>> {
  const { rows } = await sql<{ n: number }>`select "n" from "kept"`.execute(db.read)
  return new Set(rows.map(({ n }) => n))
}

/** Writes from `clients` at a time until told to stop: what was acknowledged, and how the rest failed. */
function load(db: Database, clients: number) {
  const acknowledged: number[] = []
  const failed = new Map<string, number>()
  let next = 0
  const stopped = new AbortController()
  const done = Promise.all(
    Array.from({ length: clients }, async () => {
      while (!stopped.signal.aborted) {
        const n = next++
        try {
          await insert(db, n)
          acknowledged.push(n)
        } catch (error) {
          const code = error instanceof StoreError ? error.code : String(error)
          failed.set(code, (failed.get(code) ?? 0) + 1)
          await delay(5)
        }
      }
    }),
  )
  return {
    acknowledged,
    failed,
    async stop() {
      stopped.abort()
      await done
    },
  }
}

/** Resolves when more was acknowledged than now. */
async function goesOn({ acknowledged }: ReturnType<typeof load>): Promise<void> {
  const before = acknowledged.length
  for (let tries = 0; acknowledged.length < before + 50; tries++) {
    if (tries > 2000) throw new Error('The service did not come back.')
    await delay(10)
  }
}

const known = ['busy', 'unreachable', 'unconfirmed']

test.each(['fast', 'immediate', 'kill -9'] as const)(
  'PostgreSQL restarted under load (%s): nothing acknowledged is lost, and it goes on by itself',
  async (how) => {
    const server = await cluster()
    const db = await store(server)
    const writes = load(db, 16)
    await goesOn(writes)
    await (how === 'kill -9' ? server.kill() : server.stop(how))
    await delay(200)
    await server.start()
    await goesOn(writes)
    await writes.stop()
    const rows = await kept(db)
    expect(writes.acknowledged.filter((n) => !rows.has(n))).toEqual([])
    expect([...writes.failed.keys()].filter((code) => !known.includes(code))).toEqual([])
    expect(writes.failed.size).toBeGreaterThan(0)
  },
)

test('connections that are cut under load: nothing acknowledged is lost', async () => {
  const server = await cluster()
  const db = await store(server)
  const writes = load(db, 16)
  for (let cut = 0; cut < 10; cut++) {
    await goesOn(writes)
    await server.admin(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lanyard'`,
    )
  }
  await goesOn(writes)
  await writes.stop()
  const rows = await kept(db)
  expect(writes.acknowledged.filter((n) => !rows.has(n))).toEqual([])
  expect([...writes.failed.keys()].filter((code) => !known.includes(code))).toEqual([])
})

const terminate = (server: PostgresCluster, pids: readonly number[]) =>
  server.admin('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids])

/** Backends of the store that are doing something of which the query is a part. */
async function busyWith(server: PostgresCluster, query: string, state: string): Promise<number[]> {
  for (;;) {
    const rows = await server.admin(
      `select pid from pg_stat_activity
        where application_name = 'lanyard' and state = $1 and query like '%' || $2 || '%'`,
      [state, query],
    )
    if (rows.length > 0) return rows.map(({ pid }) => Number(pid))
    await delay(5)
  }
}

/** How a write failed, or `kept`; `hangs` when it did not settle long after it should have. */
function outcome(work: Promise<unknown>): Promise<string> {
  const settled = work.then(
    () => 'kept',
    (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
  )
  return Promise.race([settled, delay(4_000, 'hangs', { ref: false })])
}

test('a connection that is terminated between, in or before statements: the write knows that nothing was kept', async () => {
  const server = await cluster()
  const db = await store(server)
  const between = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const idle = db.write(async (tx) => {
    await sql`insert into "kept" values (1)`.execute(tx)
    begun.resolve()
    await between.promise
    await sql`insert into "kept" values (2)`.execute(tx)
  })
  await begun.promise
  // The second one waits for the first one's lock, and begins only then.
  const waits = outcome(db.write((tx) => sql`insert into "kept" values (3)`.execute(tx)))
  await terminate(server, await busyWith(server, 'pg_advisory_xact_lock', 'active'))
  expect(await waits).toBe('unreachable')

  await terminate(server, await busyWith(server, 'insert', 'idle in transaction'))
  await delay(50)
  between.resolve()
  expect(await outcome(idle)).toBe('unreachable')

  const sleeps = outcome(
    db.write((tx) =>
      // Sent together: the second one is on its way when the first one is cut off.
      Promise.all([
        sql`select pg_sleep(60)`.execute(tx),
        sql`insert into "kept" values (4)`.execute(tx),
      ]),
    ),
  )
  const reads = outcome(sql`select pg_sleep(60) as "read"`.execute(db.read))
  await terminate(server, await busyWith(server, 'pg_sleep(60) as "read"', 'active'))
  await terminate(server, await busyWith(server, 'pg_sleep(60)', 'active'))
  expect(await sleeps).toBe('unreachable')
  expect(await reads).toBe('unreachable')
  expect(await kept(db)).toEqual(new Set())
  await insert(db, 5)
  expect(await kept(db)).toEqual(new Set([5]))
})

test('a connection that is terminated while the server commits: the write is unconfirmed', async () => {
  const server = await cluster()
  const db = await store(server)
  await db.write(async (tx) => {
    await sql`create function linger() returns trigger language plpgsql as
      $$ begin perform pg_sleep(60); return null; end $$`.execute(tx)
    await sql`create constraint trigger linger after insert on "kept" deferrable initially deferred
      for each row when (new.n = 7) execute function linger()`.execute(tx)
  })
  const commits = outcome(insert(db, 7))
  await terminate(server, await busyWith(server, 'commit', 'active'))
  expect(await commits).toBe('unconfirmed')
  await insert(db, 8)
  expect(await kept(db)).toEqual(new Set([8]))
})

test('a server without fsync, and a primary that became read-only, are refused', async () => {
  const careless = await cluster({ settings: { fsync: 'off' } })
  await expect(store(careless)).rejects.toMatchObject({
    code: 'unwritable',
    advice: expect.stringContaining('fsync = on') as string,
  })
  await careless.admin(`alter system set fsync = 'on'`)
  await careless.admin('select pg_reload_conf()')
  await delay(200)
  const db = await store(careless)
  await careless.admin(`alter system set default_transaction_read_only = on`)
  await careless.admin('select pg_reload_conf()')
  await delay(200)
  const refused = await insert(db, 1).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'unreachable' })
  await careless.stop()
  await writeFile(join(careless.dataFolder, 'postgresql.auto.conf'), 'fsync = on\n')
  await careless.start()
  await insert(db, 2)
})

test('a full disk is said so, reading goes on, and writing does when there is room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-full-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=777', 'tmpfs', folder])
  undo.push(() => run('umount', ['-l', folder]))
  await chmod(folder, 0o777)
  const server = await cluster()
  await run('chown', ['postgres', folder]).catch(() => {})
  await server.admin(`create tablespace small location '${folder}'`)
  const db = await store(server)
  await db.write((tx) => sql`create table "large" ("text" text) tablespace small`.execute(tx))
  await db.write((tx) =>
    sql`alter table "large" alter column "text" set storage external`.execute(tx),
  )
  const text = 'x'.repeat(200_000)
  const fill = () => db.write((tx) => sql`insert into "large" values (${text})`.execute(tx))
  const outcomes: unknown[] = []
  while (outcomes.every((outcome): boolean => outcome === null) && outcomes.length < 200)
    outcomes.push(
      await fill().then(
        () => null,
        (error: unknown) => error,
      ),
    )
  const written = outcomes.length - 1
  const error = outcomes.at(-1)
  expect(error).toMatchObject({ code: 'full' })
  const count = sql<{ n: number }>`select count(*) as "n" from "large"`
  expect((await count.execute(db.read)).rows).toEqual([{ n: written }])
  await run('mount', ['-o', 'remount,size=32m', folder])
  await fill()
  expect((await count.execute(db.read)).rows).toEqual([{ n: written + 1 }])
})

test('a disk that takes 500 ms a flush: what is too much is refused at once, the rest is kept', async () => {
  const server = await cluster()
  const first = await store(server)
  await first.close()
  undo.push(attachSlowFlush(server, 500))
  await delay(500)
  const db = await store(server, { poolSize: 4, maxWaiting: 16, waitTimeout: 1000 })
  const begun = performance.now()
  const results = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const code = await insert(db, n).then(
        () => 'kept',
        (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
      )
      return { n, code, after: performance.now() - begun }
    }),
  )
  const of = (code: string) => results.filter((result) => result.code === code)
  expect(of('kept').length + of('busy').length).toBe(200)
  expect(of('kept').length).toBeGreaterThanOrEqual(4)
  // 4 + 16 have a place; the others learn it long before the first flush is over.
  const flushed = Math.min(...of('kept').map(({ after }) => after))
  expect(of('busy').filter(({ after }) => after < flushed / 2).length).toBeGreaterThanOrEqual(170)
  const rows = await kept(db)
  expect(of('kept').filter(({ n }) => !rows.has(n))).toEqual([])
})

/** Delays every flush of the sessions that begin from now on; gives its end. */
function attachSlowFlush(server: PostgresCluster, ms: number): () => Promise<void> {
  const inject = `inject=fsync,fdatasync:delay_exit=${ms * 1000}`
  const tracer = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=fsync,fdatasync',
      '-e',
      inject,
      '-p',
      String(server.pid),
    ],
    { stdio: 'ignore' },
  )
  const exited = new Promise((resolve) => tracer.once('exit', resolve))
  return async () => {
    tracer.kill('SIGINT')
    await exited
  }
}

test('a server that falls silent is noticed, and Lanyard goes on when it is back', async () => {
  const server = await cluster()
  const direct = new URL(server.connectionString)
  const proxy = await startFaultyProxy({ host: '127.0.0.1', port: Number(direct.port) })
  undo.push(() => proxy.dispose())
  direct.port = String(proxy.port)
  const through = { ...server, connectionString: direct.href }
  const db = await store(through, { statementTimeout: 200, waitTimeout: 500 })
  await insert(db, 1)
  proxy.blackhole('down')
  const began = performance.now()
  const asked = [insert(db, 2), db.read.selectFrom('people').selectAll().execute()]
  for (const one of await Promise.allSettled(asked))
    expect(one).toMatchObject({
      reason: { code: expect.stringMatching(/^un(reachable|confirmed)$/) },
    })
  // 200 ms and 5 s, and up to two looks.
  expect(performance.now() - began).toBeLessThan(9_000)
  proxy.heal()
  await vi.waitFor(() => insert(db, 3), { timeout: 10_000 })
  expect(await kept(db)).toContain(3)
})
