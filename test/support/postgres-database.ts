import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Database } from '../../main/store/port.ts'
import { openPostgres, type OpenPostgresOptions } from '../../main/store/postgres/index.ts'

/** Where the unit tests of the authority find PostgreSQL; without it they run on SQLite. */
export const testPostgres = process.env['LANYARD_TEST_POSTGRES']

export async function dropSchema(connectionString: string, schema: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  await client.query(`drop schema if exists ${schema} cascade`)
  await client.end()
}

/** A database in a schema of its own, which goes when it is closed. */
export async function postgresDatabase(
  connectionString: string,
  options: Partial<OpenPostgresOptions> = {},
): Promise<Database> {
  const schema = `t_${randomBytes(6).toString('hex')}`
  const db = await openPostgres({ poolSize: 4, ...options, connectionString, schema })
  let closing: Promise<void> | null = null
  const close = async () => {
    await db.close()
    await dropSchema(connectionString, schema)
  }
  return { ...db, close: () => (closing ??= close()) }
}
