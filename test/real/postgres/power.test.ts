import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditLog } from '../../../main/audit/port.ts'
import type { Database } from '../../../main/store/port.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import {
  crashLog,
  crashMigrations,
  crashRow,
  crashTables,
  writeCrashRow,
} from '../../support/crash-schema.ts'
import { createDisks, type Disks, disksLack, run } from '../../support/disks.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'
import { faultsOf } from '../../support/whole-log.ts'

const lacks = disksLack()
if (lacks) console.warn(`Skipped in power.test.ts: this machine lacks ${lacks}.`)

const rounds = 15
const writers = 16

let disks: Disks
const undo: (() => unknown)[] = []
beforeEach(() => {
  disks = createDisks()
})
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  disks.dispose()
})

const open = (server: PostgresCluster): Promise<Database> =>
  openPostgres({ connectionString: server.connectionString, migrations: crashMigrations })

/**
 * Numbered rows, each with its audit record, in transactions that they share: which were
 * acknowledged, each also noted in a file that nobody flushes.
 */
function writeOn(db: Database, log: AuditLog, unsynced: string) {
  const acknowledged: number[] = []
  const over = new AbortController()
  let next = 0
  async function writeForever() {
    while (!over.signal.aborted) {
      const n = (next += 1)
      await db.write((tx) => writeCrashRow(tx, log, n), { lock: [`row:${n}`] })
      acknowledged.push(n)
      await appendFile(unsynced, `${n}\n`)
    }
  }
  const done = Promise.all(Array.from({ length: writers }, writeForever))
  return {
    acknowledged,
    async stop() {
      over.abort()
      await done
    },
  }
}

/** Rows, and rows without their record, in what a power cut left. */
async function keptOn(server: PostgresCluster) {
  const db = await open(server)
  const log = await crashLog(db)
  const client = new Client({ connectionString: server.connectionString })
  await client.connect()
  try {
    await client.query('set search_path = lanyard')
    const ask = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows
    const rows = await crashTables(db.read).selectFrom('crash').selectAll().execute()
    const recorded = await ask(
      `select (body::json -> 'detail' ->> 'n')::int as n from "auditRecord"
        where body::json ->> 'event' = 'workstation.reported'`,
    )
    await log.checkpoint()
    return {
      rows: new Set(rows.map(({ n }) => n)),
      sound: rows.every(({ n, check }) => check === crashRow(n).check),
      recorded: new Set(recorded.map(({ n }) => n as number)),
      faults: await faultsOf(db, ask),
    }
  } finally {
    await client.end()
    await log.dispose()
    await db.close()
  }
}

describe.skipIf(lacks)(`PostgreSQL when the power fails${lacks ? ` (lacks ${lacks})` : ''}`, () => {
  test(`nothing that was acknowledged is lost, ${rounds} times; what was not flushed is`, async () => {
    // PostgreSQL runs as somebody else.
    chmodSync(disks.directory, 0o755)
    const ram = disks.tmpfs('ram', '1500m')
    const image = join(ram, 'disk')
    disks.format(image, '400M')
    const disk = disks.mount('disk', '-o', 'loop', image)
    const dataFolder = join(disk, 'data')
    mkdirSync(dataFolder, { mode: 0o700 })
    const settings = { max_wal_size: `'64MB'`, min_wal_size: `'32MB'` }
    const server = await startPostgres({ dataFolder, settings })
    undo.push(() => server.dispose())
    const db = await open(server)
    undo.push(() => db.close())
    const log = await crashLog(db)
    undo.push(() => log.dispose())
    run('sync')
    const unsynced = join(disk, 'unsynced')
    const writer = writeOn(db, log, unsynced)
    let unsyncedLost = 0
    for (let round = 0; round < rounds; round += 1) {
      await pause(200 + Math.random() * 800)
      const frozen = server.freeze()
      await pause(20)
      const acknowledged = [...writer.acknowledged]
      // What has reached the disk at this moment is what survives.
      const cut = join(ram, 'cut')
      copyFileSync(image, cut)
      frozen.go()
      const after = disks.mount(`after-${round}`, '-o', 'loop', cut)
      const data = join(after, 'data')
      // Its process still runs, on the disk whose power did not fail.
      rmSync(join(data, 'postmaster.pid'))
      const left = await startPostgres({ dataFolder: data, existing: true })
      const kept = await keptOn(left).finally(() => left.dispose())
      expect(kept.faults).toEqual([])
      expect(kept.sound).toBe(true)
      expect(kept.recorded).toEqual(kept.rows)
      expect(acknowledged.filter((n) => !kept.rows.has(n))).toEqual([])
      const noted = join(after, 'unsynced')
      const lines = existsSync(noted) ? readFileSync(noted, 'utf8').split('\n').length - 1 : 0
      if (lines < acknowledged.length) unsyncedLost += 1
      disks.undo.pop()?.()
    }
    await writer.stop()
    console.log(
      `power cut on PostgreSQL: ${rounds} rounds, ${writer.acknowledged.length} acknowledged, 0 lost; ` +
        `the unflushed control lost rows in ${unsyncedLost} rounds`,
    )
    // Without this the cuts would prove nothing.
    expect(unsyncedLost).toBeGreaterThanOrEqual(2)
    expect(writer.acknowledged.length).toBeGreaterThan(rounds * 50)
  }, 300_000)
})
