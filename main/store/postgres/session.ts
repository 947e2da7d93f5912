import { Client, type ClientBase, type ClientConfig } from 'pg'
import { StoreError } from '../port.ts'
import { postgresError, translate } from './errors.ts'
import {
  clientConfig,
  longestSilence,
  schemaOf,
  statementTimeoutOf,
  type PostgresSession,
} from './options.ts'
import { type Servers, serversOf } from './servers.ts'

/** The oldest server that the engine is tested with. */
const oldestVersion = 140_000
/** Work waits for nothing but its queries; a node that hangs must not keep its locks. */
const idleInTransaction = 5000
/** For another's lock, until `busy`; less than a record's time may lie before the one in front of it. */
const lockTimeout = 3000

interface Server {
  readonly version: number
  readonly fsync: string
  readonly standby: boolean
  readonly readOnly: string
  readonly timeline: number | null
}

/** Of a primary, where there are several servers to choose from: each failover begins a new one. */
const timeline = `case when pg_is_in_recovery() then null
  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end`

/**
 * Makes a fresh connection one that keeps the port's promise, or rejects with `StoreError`: commits
 * are flushed, and it is the primary that answers, the newest one.
 */
export async function prepareSession(client: ClientBase, session: PostgresSession): Promise<void> {
  const settings = [
    ['search_path', schemaOf(session)],
    ['synchronous_commit', 'on'],
    ['statement_timeout', String(statementTimeoutOf(session))],
    ['lock_timeout', String(lockTimeout)],
    ['idle_in_transaction_session_timeout', String(idleInTransaction)],
    ['client_min_messages', 'warning'],
    // Of a log of ten million records it believes a lookup dear enough to compile it, for 17 ms each time.
    ['jit', 'off'],
    // Its own 4 is that of a disk which turns: for 32 keys at once it would read the whole table.
    ['random_page_cost', '1.1'],
  ] as const
  const servers = serversOf(session)
  const set = settings.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, false)`)
  const asked = {
    text: `select current_setting('server_version_num')::int as "version",
      current_setting('fsync') as "fsync", pg_is_in_recovery() as "standby",
      current_setting('transaction_read_only') as "readOnly",
      ${servers.several ? timeline : 'null::int'} as "timeline", ${set.join(', ')}`,
    values: settings.flat(),
    query_timeout: longestSilence(session),
  }
  const { rows } = await client.query<Server>(asked)
  const [server] = rows
  if (!server) return
  check(server)
  if (server.timeline !== null) servers.accept(client, server.timeline)
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
  const servers = serversOf(session)
  if (servers.several && !servers.known) return connectToNewest(session, servers)
  for (let left = servers.addresses.length; ; left -= 1) {
    const address = servers.current
    try {
      return await connectTo(session, address)
    } catch (error) {
      if (isAway(error)) servers.leave(address)
      if (left === 1 || !isAway(error)) throw error
    }
  }
}

/** Somebody else may be the primary. */
export const isAway = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'unreachable'

/** At the start all are asked: an old primary that came back would pass for one, too. */
async function connectToNewest(session: PostgresSession, servers: Servers): Promise<Client> {
  const asked = await Promise.allSettled(
    servers.addresses.map(async (address) => ({
      address,
      client: await connectTo(session, address),
    })),
  )
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const newest = found.find(({ client }) => !servers.isReplaced(client))
  for (const { client } of found) if (client !== newest?.client) await client.end().catch(() => {})
  if (!newest) {
    const reasons = asked.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    )
    throw reasons.find((reason) => !isAway(reason)) ?? reasons[0]
  }
  servers.stay(newest.address)
  return newest.client
}

async function connectTo(session: PostgresSession, address: ClientConfig): Promise<Client> {
  const client = new Client({ ...clientConfig(session), ...address })
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
