import { sql, type Kysely } from 'kysely'
import { migrations } from '../../main/store/migrations/index.ts'
import type { Migration } from '../../main/store/migrate.ts'

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

/** Signing seed of the log in these tests. */
export const crashSeed = new Uint8Array(32).fill(5)
export const crashOrigin = 'lanyard.example/crash'
