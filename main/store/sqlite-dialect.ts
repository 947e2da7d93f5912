import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { DirectConnection } from './direct-executor.ts'
import type { Entrance, GroupCommit, Turn } from './group-commit.ts'
import { createPipeline, createReader } from './pipeline.ts'
import { storeError } from './sqlite-errors.ts'
import type { Rows, WorkerClient } from './worker-client.ts'

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
export function readDatabase(worker: WorkerClient) {
  const connection = new WorkerConnection((sql, parameters) => worker.query(sql, parameters))
  return createReader(
    dialect(() => new ReadDriver(connection)),
    connection,
  )
}

type Query = (sql: string, parameters: readonly unknown[]) => Promise<Rows>

class WorkerConnection implements DirectConnection {
  readonly #query: Query
  constructor(query: Query) {
    this.#query = query
  }

  ask<R>(sql: string, parameters: readonly unknown[]) {
    return this.#query(sql, parameters).then(({ rows }) => rows as unknown as readonly R[])
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes, insertId } = await this.#query(query.sql, query.parameters)
    return {
      rows: rows as unknown as R[],
      ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }),
      ...(insertId === undefined ? {} : { insertId: BigInt(insertId) }),
    }
  }

  streamQuery = unsupportedStream
}

class WriteConnection extends WorkerConnection {
  turn: Turn | null = null
  /** How its next transaction begins. */
  entrance: Entrance = {}

  constructor(worker: WorkerClient) {
    super((sql, parameters) => {
      if (!this.turn || this.turn.ended)
        return Promise.reject(storeError('closed', 'The write that this query belongs to is over.'))
      this.turn.touch()
      return worker.query(sql, parameters)
    })
  }
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
    return new WriteConnection(this.#worker)
  }
  async releaseConnection() {}
  async beginTransaction(connection: WriteConnection) {
    connection.turn = this.#commits.enter(connection.entrance)
    await connection.turn.begun
  }
  async commitTransaction(connection: WriteConnection) {
    await connection.turn?.end('release')
  }
  async rollbackTransaction(connection: WriteConnection) {
    await connection.turn?.end('rollback')
  }
}

class ReadDriver implements Driver {
  readonly #connection: WorkerConnection
  constructor(connection: WorkerConnection) {
    this.#connection = connection
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

function unsupportedStream(): never {
  throw new Error('Streaming is not supported: page through the rows by key.')
}
