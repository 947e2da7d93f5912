import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type DialectAdapter,
  type QueryCompiler,
} from 'kysely'

/** How many of a query's rows matter: at most one, or none. */
export type RowsExpected = 'many' | 'one' | 'none'

/** A connection that is also asked without what Kysely puts around a query. */
export interface DirectConnection extends DatabaseConnection {
  /** The rows that the query returned. */
  ask<Row>(sql: string, parameters: readonly unknown[], rows: RowsExpected): Promise<readonly Row[]>
}

/**
 * Kysely's executor on one connection, which is there already: nothing is acquired for a query, and
 * none waits for the one before it. Prepared queries go to the connection itself, past layers that
 * cost as much as SQLite's answer.
 */
export class DirectExecutor extends DefaultQueryExecutor {
  readonly #connection: () => DirectConnection

  /** `connection` throws when its queries are over. */
  constructor(
    compiler: QueryCompiler,
    adapter: DialectAdapter,
    connection: () => DirectConnection,
  ) {
    super(compiler, adapter, {
      provideConnection: async <T>(consumer: (connection: DatabaseConnection) => Promise<T>) =>
        consumer(connection()),
    })
    this.#connection = connection
  }

  ask<Row>(
    { sql }: Pick<CompiledQuery, 'sql'>,
    parameters: readonly unknown[],
    rows: RowsExpected,
  ): Promise<readonly Row[]> {
    try {
      return this.#connection().ask<Row>(sql, parameters, rows)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
