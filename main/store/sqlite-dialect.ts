import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { createPipeline } from './pipeline.ts'
import type { GroupCommit, Turn } from './group-commit.ts'
import { storeError } from './sqlite-errors.ts'
import type { WorkerClient } from './worker-client.ts'
import type { SqlValue } from './worker-protocol.ts'

class Adapter extends SqliteAdapter {
  // Kysely would queue transactions itself; the group commit does, and the thread keeps the order.
  override get supportsMultipleConnections() {
    return true
  }
}

const dialect = (createDriver: () => Driver): Dialect => ({
  createDriver,
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db) => new SqliteIntrospector(db),
})

/** Every transaction is one work of the group commit. */
export function writePipeline(worker: WorkerClient, commits: GroupCommit) {
  const driver = new WriteDriver(worker, commits)
  return createPipeline(
    dialect(() => driver),
    driver,
  )
}

/** Statements one by one, each with its own snapshot; no transactions. */
export const readDialect = (worker: WorkerClient): Dialect => dialect(() => new ReadDriver(worker))

class WriteConnection implements DatabaseConnection {
  readonly #worker: WorkerClient
  readonly #commits: GroupCommit
  turn: Turn | null = null
  /** Whether its next transaction goes before others that wait. */
  urgent = false

  constructor(worker: WorkerClient, commits: GroupCommit) {
    this.#worker = worker
    this.#commits = commits
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.turn || this.turn.ended)
      throw storeError('closed', 'The write that this query belongs to is over.')
    try {
      return await execute<R>(this.#worker, query)
    } catch (error) {
      this.#commits.noticed(error)
      throw error
    }
  }

  streamQuery = unsupportedStream
}

class WriteDriver implements Driver {
  readonly #worker: WorkerClient
  readonly #commits: GroupCommit

  constructor(worker: WorkerClient, commits: GroupCommit) {
    this.#worker = worker
    this.#commits = commits
  }

  async init() {}
  async destroy() {}
  async acquireConnection() {
    return new WriteConnection(this.#worker, this.#commits)
  }
  async releaseConnection() {}
  async beginTransaction(connection: WriteConnection) {
    connection.turn = this.#commits.enter({ urgent: connection.urgent })
    await connection.turn.begun
  }
  async commitTransaction(connection: WriteConnection) {
    await connection.turn?.end('release')
  }
  async rollbackTransaction(connection: WriteConnection) {
    await connection.turn?.end('rollback')
  }
}

class ReadConnection implements DatabaseConnection {
  readonly #worker: WorkerClient
  constructor(worker: WorkerClient) {
    this.#worker = worker
  }
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return execute<R>(this.#worker, query)
  }
  streamQuery = unsupportedStream
}

class ReadDriver implements Driver {
  readonly #connection: ReadConnection
  constructor(worker: WorkerClient) {
    this.#connection = new ReadConnection(worker)
  }
  async init() {}
  async destroy() {}
  async acquireConnection() {
    return this.#connection
  }
  async releaseConnection() {}
  beginTransaction(): Promise<void> {
    return Promise.reject(new Error('`read` has no transactions: use one statement, or `write`.'))
  }
  async commitTransaction() {}
  async rollbackTransaction() {}
}

async function execute<R>(worker: WorkerClient, query: CompiledQuery): Promise<QueryResult<R>> {
  const { rows, changes, insertId } = await worker.request({
    op: 'query',
    sql: query.sql,
    parameters: query.parameters.map(own),
  })
  return {
    rows: rows as R[],
    ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }),
    ...(insertId === undefined ? {} : { insertId: BigInt(insertId) }),
  }
}

/** A view of a larger buffer would be sent with all of it. */
const own = (value: unknown): SqlValue =>
  value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength
    ? new Uint8Array(value)
    : (value as SqlValue)

function unsupportedStream(): never {
  throw new Error('Streaming is not supported: page through the rows by key.')
}
