import { postgresTypes } from '../column-types.ts'
import { migrate, type Migration } from '../migrate.ts'
import type { Tx } from '../port.ts'
import { Connection } from './connections.ts'
import { writePipeline } from './dialect.ts'
import { translate } from './errors.ts'
import { schemaOf, type PostgresSession } from './options.ts'
import { connectPostgres } from './session.ts'

/** A step may rebuild a large table. */
const stepTimeout = 3_600_000

/**
 * Creates the schema and runs the steps that it lacks, on a connection of its own. Of nodes that
 * start together one does it, and the others wait: the lock belongs to the connection, so it ends
 * with the process that had it.
 */
export async function prepareSchema(
  session: PostgresSession,
  migrations: readonly Migration[],
  now: () => number,
): Promise<void> {
  const schema = schemaOf(session)
  const client = await connectPostgres({ ...session, statementTimeout: stepTimeout })
  const connection = new Connection(Object.assign(client, { release: () => {} }))
  try {
    await client.query('set lock_timeout = 0')
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`migrate ${schema}`])
    // Asked first: a user without the right to create schemas may use one that is there.
    const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schema])
    if (rows.length === 0) await client.query(`create schema ${schema}`)
    const writes = writePipeline({ take: async () => connection })
    const held = await writes.driver.acquireConnection()
    const db = { write: <T>(work: (tx: Tx) => Promise<T>) => writes.transact(held, work) }
    await migrate(db, migrations, now, postgresTypes)
  } catch (error) {
    throw translate(error)
  } finally {
    await client.end().catch(() => {})
  }
}
