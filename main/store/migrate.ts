import { sql, type Kysely } from 'kysely'
import { sqliteTypes, type ColumnTypes } from './column-types.ts'
import type { Database, Tx } from './port.ts'
import { storeError } from './sqlite-errors.ts'

/** One step of the schema, run in one transaction. */
export interface Migration {
  /** Four digits and words, `0001-audit`: ascending, and recorded in the database. */
  readonly name: string
  readonly up: (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>
}

// A type: Kysely's `withTables` takes no interface.
type Applied = { migration: { name: string; appliedAt: number } }

/**
 * Brings the database to the last of `migrations`. Safe against a kill at any statement and against
 * another process that does the same. Rejects with `StoreError` `newer` for a database that knows a
 * step which this program does not.
 */
export async function migrate(
  db: Pick<Database, 'write'>,
  migrations: readonly Migration[],
  now: () => number,
  types: ColumnTypes = sqliteTypes,
): Promise<void> {
  checkNames(migrations)
  await db.write(async (tx) => {
    await sql`create table if not exists "migration" (
      "name" text primary key, "appliedAt" ${sql.raw(types.integer)} not null
    )`.execute(tx)
  })
  const known = await db.write(applied)
  checkApplied(known, migrations)
  for (const migration of migrations.slice(known.length))
    await db.write(async (tx) => {
      const done = await applied(tx)
      if (done.includes(migration.name)) return
      await migration.up(tx as unknown as Kysely<unknown>, types)
      await tx
        .withTables<Applied>()
        .insertInto('migration')
        .values({ name: migration.name, appliedAt: now() })
        .execute()
    })
}

async function applied(tx: Tx): Promise<string[]> {
  const rows = await tx
    .withTables<Applied>()
    .selectFrom('migration')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}

function checkNames(migrations: readonly Migration[]): void {
  let last = ''
  for (const { name } of migrations) {
    if (!/^\d{4}-[a-z0-9-]+$/.test(name) || name <= last)
      throw new Error(`Migration "${name}" must be named NNNN-words and follow "${last}".`)
    last = name
  }
}

function checkApplied(known: readonly string[], migrations: readonly Migration[]): void {
  const stranger = known.find((name) => !migrations.some((migration) => migration.name === name))
  if (stranger)
    throw storeError('newer', `The database has the step "${stranger}", which is unknown here.`)
  const missed = known.findIndex((name, at) => migrations[at]?.name !== name)
  if (missed >= 0)
    throw storeError(
      'corrupt',
      `The database lacks the step "${migrations[missed]?.name}" before "${known[missed]}".`,
    )
}
