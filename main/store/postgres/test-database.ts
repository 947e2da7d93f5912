import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Database } from '../port.ts'
import { openPostgres, type OpenPostgresOptions } from './open-postgres.ts'

/** For tests: the throw-away server that suites of rules run on, too; without one, on SQLite only. */
export const testPostgres = process.env['LANYARD_TEST_POSTGRES']

/** Migrated and empty again: the steps of the schema take longer than most tests. */
const free: string[] = []

/** For tests: a database in a schema of its own, empty. */
export async function postgresDatabase(
  connectionString: string,
  options: Partial<OpenPostgresOptions> = {},
): Promise<Database> {
  const fresh = options.migrations !== undefined
  const schema = (fresh ? undefined : free.pop()) ?? `t_${randomBytes(6).toString('hex')}`
  const db = await openPostgres({ poolSize: 4, ...options, connectionString, schema })
  let closing: Promise<void> | null = null
  async function close() {
    await db.close()
    if (fresh) return dropSchema(connectionString, schema)
    await emptySchema(connectionString, schema)
    free.push(schema)
  }
  return { ...db, close: () => (closing ??= close()) }
}

export const dropSchema = (connectionString: string, schema: string) =>
  administer(connectionString, `drop schema if exists ${schema} cascade`)

/** Without looking at foreign keys, which only a superuser may. */
const emptySchema = (connectionString: string, schema: string) =>
  administer(
    connectionString,
    `do $$ declare name text; begin
      set local session_replication_role = replica;
      for name in select tablename from pg_tables
        where schemaname = '${schema}' and tablename <> 'migration'
      loop execute format('delete from ${schema}.%I', name); end loop;
    end $$`,
  )

async function administer(connectionString: string, command: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  await client.query(command)
  await client.end()
}
