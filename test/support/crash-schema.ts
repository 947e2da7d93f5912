import { hash } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { createAuditLog } from '../../main/audit/index.ts'
import type { AuditLog } from '../../main/audit/port.ts'
import { migrations } from '../../main/store/migrations/index.ts'
import type { Migration } from '../../main/store/migrate.ts'
import type { Database, Tx } from '../../main/store/port.ts'

const crash: Migration = {
  name: '9000-crash',
  async up(db) {
    await sql`create table "crash" ("n" integer primary key, "check" text not null)`.execute(db)
  },
}

/** The product's schema and a table of numbered rows, for the tests that pull the plug. */
export const crashMigrations = [...migrations, crash]
type CrashTables = { crash: { n: number; check: string } }
export const crashTables = <T>(db: Kysely<T>) =>
  db.withTables<CrashTables>() as unknown as Kysely<CrashTables>

const crashOrigin = 'lanyard.example/crash'
export const crashLog = (db: Database): Promise<AuditLog> =>
  createAuditLog({ db, seed: new Uint8Array(32).fill(5), origin: crashOrigin, now: Date.now })

/** A row, and what shows that it is whole. */
export const crashRow = (n: number) => ({
  n,
  check: hash('sha256', `row ${n} ${'x'.repeat(200)}`),
})

/** The row `n` with its record. */
export async function writeCrashRow(tx: Tx, log: AuditLog, n: number): Promise<void> {
  await crashTables(tx).insertInto('crash').values(crashRow(n)).execute()
  await log.append(tx, {
    event: 'workstation.reported',
    outcome: 0,
    actor: null,
    workstation: 'w-1',
    session: null,
    patient: null,
    assurance: null,
    purposeOfUse: null,
    detail: { n },
  })
}
