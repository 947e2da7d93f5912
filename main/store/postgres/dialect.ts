import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { DirectConnection, RowsExpected } from '../direct-executor.ts'
import { createPipeline, createReader } from '../pipeline.ts'
import type { StoreError } from '../port.ts'
import type { Connection } from './connections.ts'
import { Conflict, postgresError } from './errors.ts'
import type { Answer } from './statement.ts'
import { Together } from './together.ts'

/** Where a driver gets its connections. */
export interface ConnectionSource {
  take(): Promise<Connection>
}

const dialect = (createDriver: () => Driver): Dialect => ({
  createDriver,
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
})

/**
 * Transactions only; queries asked together go together. A transaction that lost against another
 * rejects with `Conflict`, whatever its work made of it.
 */
export function writePipeline(source: ConnectionSource) {
  const driver = new WriteDriver(source)
  return createPipeline(
    dialect(() => driver),
    driver,
  )
}

/** Statements one by one, each with its own snapshot; no transactions. */
export function readDatabase(source: ConnectionSource) {
  const connection = new ReadConnection(source)
  return createReader(
    dialect(() => new ReadDriver(connection)),
    connection,
  )
}

export class WriteConnection implements DirectConnection {
  readonly inner: Connection
  readonly #together: Together | null
  /** The command that begins its transactions. */
  begin = 'begin'
  open = false
  /** Why the transaction did not begin, e.g. a lock that it waited for in vain. */
  notBegun: Error | null = null
  /** The first failure of a statement; the server refuses all that follows it. */
  failure: Error | null = null
  /** Whether it was asked anything. */
  touched = false

  /**
   * `together`: makes one statement of those of a turn; for a transaction that runs again, and alone,
   * when one fails: then each says for itself what is wrong.
   */
  constructor(inner: Connection, { together = false } = {}) {
    this.inner = inner
    this.#together = together
      ? new Together((sql, parameters, how) =>
          this.inner.query(sql, parameters, { ...how, ...this.#how }),
        )
      : null
  }

  readonly #how = {
    inTransaction: true,
    failed: (error: Error) => {
      this.failure ??= error
    },
  }

  #touch(): void {
    if (!this.open) throw postgresError('closed', 'The write that this query belongs to is over.')
    this.touched = true
  }

  /** Sends what was asked in this turn and is not on its way yet. */
  flush(): void {
    this.#together?.flush()
  }

  #query(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    this.#touch()
    this.flush()
    return this.inner.query(sql, parameters, this.#how)
  }

  ask<R>(sql: string, parameters: readonly unknown[], rows: RowsExpected) {
    const together = this.#together
    if (rows === 'many' || !together)
      return this.#query(sql, parameters).then(({ rows: all }) => all as readonly R[])
    this.#touch()
    return together.ask({ sql, parameters, rows }) as Promise<readonly R[]>
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return resultOf<R>(await this.#query(sql, parameters))
  }

  streamQuery = unsupportedStream
}

/** The server kept nothing, because a statement had failed. */
export class RolledBack extends Error {
  constructor() {
    super('The transaction had failed.')
    this.name = 'RolledBack'
  }
}

class WriteDriver implements Driver {
  readonly #source: ConnectionSource
  constructor(source: ConnectionSource) {
    this.#source = source
  }
  async init() {}
  async destroy() {}
  async acquireConnection() {
    return new WriteConnection(await this.#source.take())
  }
  async releaseConnection({ inner }: WriteConnection) {
    inner.release()
  }
  async beginTransaction(connection: WriteConnection) {
    connection.failure = null
    connection.notBegun = null
    connection.open = true
    // Goes out with the first query: what fails here, fails that one and the commit, too.
    connection.inner.command(connection.begin).catch((error: unknown) => {
      if (error instanceof Error) connection.notBegun = connection.failure ??= error
    })
  }
  async commitTransaction(connection: WriteConnection) {
    connection.flush()
    connection.open = false
    // Work may have passed over a failure, but the server does not: nothing of it would be kept.
    if (connection.failure) throw connection.failure
    if (connection.inner.broken)
      throw postgresError('unreachable', 'The connection was lost before the write was over.')
    let done: string
    try {
      done = await connection.inner.command('commit')
    } catch (error) {
      throw connection.inner.broken ? unconfirmed() : error
    }
    if (done !== 'COMMIT') throw connection.failure ?? new RolledBack()
  }
  async rollbackTransaction(connection: WriteConnection) {
    // What a work that failed had just asked must not come after the transaction.
    connection.flush()
    connection.open = false
    const { inner } = connection
    if (!inner.broken) await inner.command('rollback').catch(() => {})
    if (connection.notBegun) throw connection.notBegun
    if (connection.failure instanceof Conflict) throw connection.failure
  }
}

/** The connection ended while the server committed: nobody knows what came of it. */
const unconfirmed = (): StoreError =>
  postgresError(
    'unconfirmed',
    'The connection was lost while PostgreSQL confirmed: the write may or may not have taken place.',
  )

/** Queries that share a connection at most. */
const mostTogether = 64

/** Who asks while others use a connection uses it, too. */
interface Shared {
  readonly connection: Promise<Connection>
  users: number
  /** What is asked over it fails. */
  lost: boolean
}

/**
 * Stands for a connection: each query takes one of its own. Prepared ones, which are quick, share
 * one while they overlap: to take one and give it back costs as much as the query.
 */
class ReadConnection implements DirectConnection {
  readonly #source: ConnectionSource
  #shared: Shared | null = null

  constructor(source: ConnectionSource) {
    this.#source = source
  }

  async ask<R>(sql: string, parameters: readonly unknown[]) {
    const shared = this.#share()
    const connection = await shared.connection
    try {
      return (await read(connection, sql, parameters)).rows as readonly R[]
    } finally {
      shared.lost = connection.broken
      shared.users -= 1
      if (shared.users === 0) {
        if (this.#shared === shared) this.#shared = null
        connection.release()
      }
    }
  }

  #share(): Shared {
    const open = this.#shared
    if (open && !open.lost && open.users < mostTogether) {
      open.users += 1
      return open
    }
    const shared: Shared = { connection: this.#source.take(), users: 1, lost: false }
    this.#shared = shared
    shared.connection.catch(() => {
      if (this.#shared === shared) this.#shared = null
    })
    return shared
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const connection = await this.#source.take()
    try {
      return resultOf<R>(await read(connection, sql, parameters))
    } finally {
      connection.release()
    }
  }

  streamQuery = unsupportedStream
}

async function read(connection: Connection, sql: string, parameters: readonly unknown[]) {
  try {
    return await connection.query(sql, parameters)
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    // Prepared for a table that has changed since; nothing was begun that would have to end.
    return await connection.query(sql, parameters, { prepared: false })
  }
}

class ReadDriver implements Driver {
  readonly #connection: ReadConnection
  constructor(connection: ReadConnection) {
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

/** What a command that changes rows says it did: `INSERT 0 1`, `UPDATE 3`. */
const changed = /^(?:INSERT|UPDATE|DELETE|MERGE)(?: \d+)? (\d+)$/

function resultOf<R>({ rows, tag }: Answer): QueryResult<R> {
  const count = changed.exec(tag)?.[1]
  return {
    rows: rows as R[],
    ...(count === undefined ? {} : { numAffectedRows: BigInt(count) }),
  }
}

function unsupportedStream(): never {
  throw new Error('Streaming is not supported: page through the rows by key.')
}
