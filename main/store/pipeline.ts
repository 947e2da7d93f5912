import { type Dialect, type Driver, Kysely, Transaction, type TransactionSettings } from 'kysely'
import { type DirectConnection, DirectExecutor } from './direct-executor.ts'
import type { Tx } from './port.ts'
import type { Schema } from './schema/index.ts'

export interface Pipeline<C extends DirectConnection> {
  readonly driver: PipelineDriver<C>
  /** Runs `work` in a transaction on this connection. Rejects with what `work` or the commit threw. */
  transact<T>(
    connection: C,
    work: (tx: Tx) => Promise<T>,
    settings?: TransactionSettings,
  ): Promise<T>
  /** Runs `work` in the transaction that is open on this connection, and leaves its end to others. */
  join<T>(connection: C, work: (tx: Tx) => Promise<T>): Promise<T>
}

/** The part of Kysely's driver that transactions need, for the engine's own connections. */
export interface PipelineDriver<C> {
  acquireConnection(): Promise<C>
  releaseConnection(connection: C): Promise<void>
  beginTransaction(connection: C, settings: TransactionSettings): Promise<void>
  commitTransaction(connection: C): Promise<void>
  rollbackTransaction(connection: C): Promise<void>
}

/**
 * Transactions whose queries are sent as they are made and answered in their order, so that queries
 * asked together (`Promise.all`) share a round trip. Kysely's own transactions wait for each answer
 * before they send the next query.
 */
export function createPipeline<C extends DirectConnection>(
  dialect: Dialect,
  driver: PipelineDriver<C>,
): Pipeline<C> {
  const compiler = dialect.createQueryCompiler()
  const adapter = dialect.createAdapter()
  const config = { dialect }
  // Never asked: the executor below has the connection.
  const unused = driver as unknown as Driver

  function open(connection: C) {
    let over = false
    const executor = new DirectExecutor(compiler, adapter, () => {
      if (over) throw new Error('The write that this query belongs to is over.')
      return connection
    })
    const tx = new Transaction<Schema>({ config, dialect, driver: unused, executor })
    return { tx, close: () => (over = true) }
  }

  return {
    driver,
    async transact(connection, work, settings = {}) {
      const { tx, close } = open(connection)
      await driver.beginTransaction(connection, settings)
      try {
        const result = await work(tx)
        close()
        await driver.commitTransaction(connection)
        return result
      } catch (error) {
        close()
        await driver.rollbackTransaction(connection)
        throw error
      }
    },
    async join(connection, work) {
      const { tx, close } = open(connection)
      try {
        return await work(tx)
      } finally {
        close()
      }
    },
  }
}

/** Reads on one connection, or on what stands for one. */
export function createReader(dialect: Dialect, connection: DirectConnection): Kysely<Schema> {
  const executor = new DirectExecutor(
    dialect.createQueryCompiler(),
    dialect.createAdapter(),
    () => connection,
  )
  return new Kysely<Schema>({
    config: { dialect },
    dialect,
    driver: dialect.createDriver(),
    executor,
  })
}
