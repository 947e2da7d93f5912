import { Client, type ClientBase } from 'pg'
import { postgresError, translate } from './errors.ts'
import { clientConfig, schemaOf, statementTimeoutOf, type PostgresSession } from './options.ts'

/** The oldest server that the engine is tested with. */
const oldestVersion = 140_000
/** Work waits for nothing but its queries; a node that hangs must not keep its locks. */
const idleInTransaction = 5000
/** For another's lock, until `busy`. */
const lockTimeout = 5000

interface Server {
  readonly version: number
  readonly fsync: string
  readonly standby: boolean
  readonly readOnly: string
}

/**
 * Makes a fresh connection one that keeps the port's promise, or rejects with `StoreError`: commits
 * are flushed, and it is the primary that answers.
 */
export async function prepareSession(client: ClientBase, session: PostgresSession): Promise<void> {
  const settings = [
    ['search_path', schemaOf(session)],
    ['synchronous_commit', 'on'],
    ['statement_timeout', String(statementTimeoutOf(session))],
    ['lock_timeout', String(lockTimeout)],
    ['idle_in_transaction_session_timeout', String(idleInTransaction)],
    ['client_min_messages', 'warning'],
  ] as const
  const set = settings.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, false)`)
  const { rows } = await client.query<Server>(
    `select current_setting('server_version_num')::int as "version",
      current_setting('fsync') as "fsync", pg_is_in_recovery() as "standby",
      current_setting('transaction_read_only') as "readOnly", ${set.join(', ')}`,
    settings.flat(),
  )
  const [server] = rows
  if (server) check(server)
}

function check({ version, fsync, standby, readOnly }: Server): void {
  if (version < oldestVersion)
    throw postgresError(
      'unwritable',
      `PostgreSQL ${Math.floor(version / 10_000)} is too old.`,
      'Use PostgreSQL 14 or later.',
    )
  if (fsync !== 'on')
    throw postgresError(
      'unwritable',
      'PostgreSQL runs with fsync off: a power cut would lose what it confirmed.',
      'Set `fsync = on` in postgresql.conf and restart PostgreSQL.',
    )
  if (standby || readOnly !== 'off')
    throw postgresError(
      'unreachable',
      'PostgreSQL is a standby or read-only.',
      'Name the primary in the configuration; after a failover Lanyard goes on by itself.',
    )
}

/**
 * A connection of one's own, e.g. to listen: the caller ends it. Rejects with `StoreError`. Its
 * `error` event tells that it was lost.
 */
export async function connectPostgres(session: PostgresSession): Promise<Client> {
  const client = new Client(clientConfig(session))
  // Without a listener a lost connection would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await prepareSession(client, session)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw translate(error)
  }
}
