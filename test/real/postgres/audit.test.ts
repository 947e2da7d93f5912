import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { AuditInput } from '../../../main/audit/events.ts'
import {
  createAuditLog,
  keptInFile,
  verifyDatabase,
  verifyExport,
  type AuditLogOptions,
} from '../../../main/audit/index.ts'
import type { AuditLog } from '../../../main/audit/port.ts'
import type { Database } from '../../../main/store/port.ts'
import { sequence } from '../../../main/audit/sequencer.ts'
import { noteSigner } from '../../../main/audit/signed-note.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { newSchema } from './schema.ts'

const seed = new Uint8Array(32).fill(7)
const origin = 'lanyard.example/service'
const start = Date.UTC(2026, 0, 5, 7)

const input = (detail: AuditInput['detail'] = {}): AuditInput => ({
  event: 'badge.identified',
  outcome: 0,
  actor: 'p-ada',
  workstation: 'w-1',
  session: null,
  patient: null,
  assurance: null,
  purposeOfUse: 'TREAT',
  detail,
})

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}
const recordsOf = (lines: readonly string[]) =>
  lines
    .map((line) => JSON.parse(line) as { event?: string; detail?: { n?: number } })
    .filter((line) => line.event !== undefined)

/** A promise to be kept from outside. */
const gate = () => Promise.withResolvers<void>()

let place: Awaited<ReturnType<typeof newSchema>>
let db: Database
const opened: Database[] = []
const logs: AuditLog[] = []

async function node(): Promise<Database> {
  const one = await openPostgres({ ...place.session, poolSize: 8 })
  opened.push(one)
  return one
}
async function logOn(one: Database, over: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  const log = await createAuditLog({ db: one, seed, origin, now: () => start, ...over })
  logs.push(log)
  return log
}

beforeEach(async () => {
  place = newSchema(inject('postgres'))
  db = await node()
})
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.dispose()))
  await Promise.all(opened.splice(0).map((one) => one.close()))
  await place.drop()
})

test('a record that commits behind a later one is not passed over, as a cursor on ids would', async () => {
  const log = await logOn(db)
  await log.checkpoint()
  const written = gate()
  const late = gate()
  const slow = db.write(
    async (tx) => {
      await log.append(tx, input({ n: 1 }))
      written.resolve()
      await late.promise
    },
    { lock: ['one'] },
  )
  await written.promise
  await db.write((tx) => log.append(tx, input({ n: 2 })), { lock: ['two'] })
  // A checkpoint must have been made between the two commits, or this test shows nothing.
  const other = await node()
  const signer = noteSigner(origin, seed)
  await other.write((tx) => sequence(tx, { signer, wait: true, known: null }), {
    isolation: 'read-committed',
  })
  const ids = await db.read.selectFrom('auditRecord').select('id').orderBy('id').execute()
  late.resolve()
  await slow
  const lines = await collect(log.export())
  expect(await verifyExport(lines)).toMatchObject({ ok: true })
  expect(ids.length).toBeGreaterThan(1)
  expect(recordsOf(lines).flatMap(({ detail }) => detail?.n ?? [])).toEqual([1, 2])
})

test('many nodes write and sequence at once: every record is in the log once, and it verifies', async () => {
  const nodes = [db, await node(), await node()]
  const all = await Promise.all(nodes.map((one) => logOn(one)))
  const each = 150
  await Promise.all(
    all.map(async (log, at) => {
      const one = nodes[at] ?? db
      for (let n = 0; n < each; n += 10) {
        await Promise.all(
          Array.from({ length: 10 }, (_, k) =>
            one.write((tx) => log.append(tx, input({ n: at * each + n + k })), {
              lock: [`record ${at * each + n + k}`],
            }),
          ),
        )
        if (n % 30 === 0) await log.checkpoint()
      }
    }),
  )
  const lines = await collect(all[0]?.export() ?? (async function* () {})())
  expect(await verifyExport(lines)).toMatchObject({ ok: true })
  const numbers = recordsOf(lines).flatMap(({ detail }) => detail?.n ?? [])
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 3 * each }, (_, n) => n))
  expect(recordsOf(lines).filter(({ event }) => event === 'log.started')).toHaveLength(1)
  expect(await verifyDatabase(db)).toMatchObject({ ok: true })
})

test('while another node sequences, a node writes and leaves the tree to that one', async () => {
  const log = await logOn(db)
  await log.checkpoint()
  const other = await node()
  const taken = gate()
  const done = gate()
  const holder = other.write(
    async (tx) => {
      await sql`select pg_advisory_xact_lock(
        hashtextextended('audit sequencer ' || current_schema(), 0))`.execute(tx)
      taken.resolve()
      await done.promise
    },
    { isolation: 'read-committed' },
  )
  await taken.promise
  await db.write((tx) => log.append(tx, input()))
  await log.dispose()
  const before = await db.read.selectFrom('auditTree').select('size').executeTakeFirst()
  expect(before).toEqual({ size: 1 })
  done.resolve()
  await holder
  const again = await logOn(other)
  expect(await again.checkpoint()).toMatchObject({ size: 2 })
})

test('a node whose clock is behind gets a clock.jumped before its records, and the log verifies', async () => {
  const ahead = await logOn(db, { now: () => start + 60_000 })
  const behind = await logOn(db, { now: () => start })
  for (const log of [ahead, behind, ahead, behind]) await db.write((tx) => log.append(tx, input()))
  const lines = await collect(ahead.export())
  expect(await verifyExport(lines)).toMatchObject({ ok: true })
  const jumps = recordsOf(lines).filter(({ event }) => event === 'clock.jumped')
  expect(jumps).toHaveLength(2)
  expect((await ahead.checkpoint()).size).toBe(recordsOf(lines).length)
})

describe('a log that was put back', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lanyard-kept-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const tables = ['auditRecord', 'auditLeaf', 'auditTree', 'auditCheckpoint']
  const keep = () =>
    db.write(async (tx) => {
      for (const name of tables)
        await sql`create table ${sql.table(`kept_${name}`)} as table ${sql.table(name)}`.execute(tx)
    })
  const restore = () =>
    db.write(async (tx) => {
      for (const name of tables.toReversed().toSorted((a) => (a === 'auditLeaf' ? -1 : 1)))
        await sql`delete from ${sql.table(name)}`.execute(tx)
      for (const name of tables)
        await sql`insert into ${sql.table(name)} overriding system value
          table ${sql.table(`kept_${name}`)}`.execute(tx)
    })

  test('is refused at the start, also after it went on to the same size', async () => {
    const keptCheckpoint = keptInFile(join(folder, 'checkpoint'))
    const log = await logOn(db, { keptCheckpoint })
    await log.checkpoint()
    await keep()
    await db.write((tx) => log.append(tx, input()))
    await log.checkpoint()
    await restore()
    await expect(logOn(db, { keptCheckpoint })).rejects.toMatchObject({
      code: 'forked',
      advice: expect.stringContaining('backup') as string,
    })
    // A node that kept nothing goes on: from here on there are two histories.
    const unaware = await logOn(db)
    await db.write((tx) => unaware.append(tx, input()))
    await unaware.checkpoint()
    await expect(logOn(db, { keptCheckpoint })).rejects.toMatchObject({ code: 'forked' })
  })

  test('is not signed by a node that runs', async () => {
    const log = await logOn(db)
    await log.checkpoint()
    await keep()
    await db.write((tx) => log.append(tx, input()))
    await log.checkpoint()
    await restore()
    await db.write((tx) => log.append(tx, input()))
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'forked' })
  })

  test('goes on where it was kept, with every node’s own file', async () => {
    const files = ['a', 'b'].map((name) => keptInFile(join(folder, name)))
    for (const keptCheckpoint of [...files, ...files]) {
      const log = await logOn(await node(), { keptCheckpoint })
      await db.write((tx) => log.append(tx, input()))
      await log.checkpoint()
    }
    expect(await verifyDatabase(db)).toMatchObject({ ok: true, records: 5 })
  })
})

test('a dump from a server that had counted further goes on: nothing is lost', async () => {
  const log = await logOn(db)
  await db.write((tx) => log.append(tx, input({ n: 1 })))
  await log.checkpoint()
  await db.write((tx) => log.append(tx, input({ n: 2 })))
  await log.dispose()
  await db.write(async (tx) => {
    await sql`delete from "auditLeaf" where "seq" > 1`.execute(tx)
    await sql`delete from "auditCheckpoint" where "size" > 2`.execute(tx)
  })
  // As the dump of a server whose transactions had far higher numbers.
  await db.write((tx) => sql`update "auditRecord" set "xid" = '4000000000'`.execute(tx))
  await db.write((tx) =>
    sql`update "auditTree" as "t" set "xid" = '4000000000',
      "size" = 2, "record" = (select max("record") from "auditLeaf"),
      "frontier" = sha256('\\x01'::bytea
        || (select "hash" from "auditLeaf" where "seq" = 0)
        || (select "hash" from "auditLeaf" where "seq" = 1))`.execute(tx),
  )
  const again = await logOn(db)
  await db.write((tx) => again.append(tx, input({ n: 3 })))
  const lines = await collect(again.export())
  expect(await verifyExport(lines)).toMatchObject({ ok: true })
  expect(recordsOf(lines).flatMap(({ detail }) => detail?.n ?? [])).toEqual([1, 2, 3])
})
