import { UnderWay } from '../../under-way.ts'
import type { Migration } from '../migrate.ts'
import { migrations as allMigrations } from '../migrations/index.ts'
import type { Database, Tx } from '../port.ts'
import { Attempts } from './attempts.ts'
import { Connections, type PoolUse } from './connections.ts'
import { readDatabase, RolledBack, WriteConnection, writePipeline } from './dialect.ts'
import { Conflict, postgresError } from './errors.ts'
import { GroupWriter } from './group-writer.ts'
import { beginCommand, beginTogether } from './locks.ts'
import { schemaOf, type PostgresSession } from './options.ts'
import { prepareSchema } from './prepare-schema.ts'

export type OpenPostgresOptions = PostgresSession & {
  /** Connections for writes; reads have half as many of their own, so that neither starves the other. */
  readonly poolSize?: number
  /** How many may wait for a connection; one more is refused with `busy` at once. */
  readonly maxWaiting?: number
  /** How long one waits for a connection before it is refused with `busy`, in ms. */
  readonly waitTimeout?: number
  readonly migrations?: readonly Migration[]
  readonly now?: () => number
  /** Told each time that the work of a write has to run again because another was in its way. */
  readonly onRetry?: () => void
  /** Given once, to look at the pools whenever somebody wants to know. */
  readonly onPools?: (look: () => { readonly write: PoolUse; readonly read: PoolUse }) => void
}

/**
 * Opens PostgreSQL and brings its schema up to date; safe when several nodes do so at once. Work
 * that checks and then acts is right however many nodes run it (`WriteOptions.lock`); it runs again
 * when it lost against another. Rejects with `StoreError`: not reachable, a server that does
 * not flush its commits, a standby, no rights, or written by a newer program. Later losses of the
 * connection heal by themselves: a write that they hit rejects with `unreachable`, nothing of it
 * was kept, or with `unconfirmed` when the server was just committing.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<Database> {
  const { poolSize = 16, maxWaiting = 512, waitTimeout = 2000, onRetry = () => {} } = options
  const { migrations = allMigrations, now = Date.now } = options
  await prepareSchema(options, migrations, now)
  const pools = [
    new Connections({ session: options, size: poolSize, maxWaiting, waitTimeout }),
    new Connections({ session: options, size: Math.ceil(poolSize / 2), maxWaiting, waitTimeout }),
  ] as const
  options.onPools?.(() => {
    const write = pools[0].use
    return { write: { ...write, waiting: write.waiting + groups.waiting }, read: pools[1].use }
  })
  const writes = writePipeline(pools[0])
  const schema = schemaOf(options)
  const attempts = new Attempts()
  const begun = new UnderWay()
  let closing: Promise<void> | null = null

  async function runWrite<T>(work: (tx: Tx) => Promise<T>, begin: string): Promise<T> {
    const { driver } = writes
    let held: WriteConnection | null = null
    async function release(): Promise<void> {
      const connection = held
      held = null
      if (connection) await driver.releaseConnection(connection)
    }
    async function attempt(): Promise<T> {
      // Its statements were prepared for a table that has changed since.
      if (held?.inner.broken) await release()
      const connection = (held ??= await driver.acquireConnection())
      connection.begin = begin
      return writes.transact(connection, work)
    }
    try {
      return await attempts.run(attempt, onRetry)
    } finally {
      await release()
    }
  }
  /** As `GroupWriterOptions.runTogether`. */
  async function runTogether(
    works: readonly ((tx: Tx) => Promise<unknown>)[],
    lock: readonly string[],
  ): Promise<readonly PromiseSettledResult<unknown>[] | null> {
    const { driver } = writes
    const shared = await driver.acquireConnection()
    shared.begin = beginTogether(schema, lock)
    try {
      await driver.beginTransaction(shared, {})
      const members = works.map(() => joined(shared))
      const results = await Promise.allSettled(
        members.map((member, at) => writes.join(member, works[at] as (typeof works)[number])),
      )
      const failed = members.some(
        ({ failure, touched }, at) =>
          failure !== null || (touched && results[at]?.status === 'rejected'),
      )
      for (const member of members) {
        member.flush()
        member.open = false
      }
      if (failed || shared.failure !== null) {
        await driver.rollbackTransaction(shared).catch(() => {})
        return null
      }
      await driver.commitTransaction(shared)
      return results
    } catch (error) {
      if (error instanceof Conflict || error instanceof RolledBack) return null
      throw error
    } finally {
      await driver.releaseConnection(shared)
    }
  }
  const groups = new GroupWriter({
    // The others are for writes that name nothing, and for those that have to run alone.
    mostGroups: Math.ceil(poolSize / 2),
    maxWaiting,
    waitTimeout,
    runTogether,
    runAlone: (work, lock) => runWrite(work, beginCommand(schema, { lock })),
  })
  async function closeAll() {
    await begun.ended()
    await Promise.all(pools.map((pool) => pool.close()))
  }
  return {
    async write(work, settings = {}) {
      if (closing) throw postgresError('closed', 'The database is closed.')
      const { lock, isolation, reserve } = settings
      const { urgent = reserve === 'take' } = settings
      return begun.run(() =>
        lock && isolation === undefined
          ? groups.write(work, { lock, urgent })
          : runWrite(work, beginCommand(schema, settings)),
      )
    },
    read: readDatabase(pools[1]),
    close: () => (closing ??= closeAll()),
  }
}

/** In the transaction that another has open on its connection. */
function joined({ inner }: WriteConnection): WriteConnection {
  const member = new WriteConnection(inner, { together: true })
  member.open = true
  return member
}
