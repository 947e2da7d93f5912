import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely'
import { engineOf } from './engine.ts'
import type { Schema } from './schema/index.ts'

/** Stands where a value goes, until the query runs. */
class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** The place of a value in a query that is built before the value is known. */
export type Place<V extends object> = <Name extends keyof V & string>(name: Name) => V[Name]

export interface Prepared<V extends object, Row> {
  /** All rows. */
  all(db: Kysely<Schema>, values: V): Promise<Row[]>
  /** The first row, or null. */
  first(db: Kysely<Schema>, values: V): Promise<Row | null>
}

/**
 * A query that is built once per engine and not for each run, which costs more than SQLite takes to
 * answer it. For the queries of a sign-in; wherever it does not matter, say it directly. A `place` can
 * only be where Kysely takes a value: `null` must be written out (`is null`).
 */
export const prepare =
  <V extends object>() =>
  <Row>(build: (db: Kysely<Schema>, place: Place<V>) => Compilable<Row>): Prepared<V, Row> => {
    const compiled = new Map<string, CompiledQuery<Row>>()

    function queryFor(db: Kysely<Schema>): CompiledQuery<Row> {
      const engine = engineOf(db)
      const known = compiled.get(engine)
      if (known) return known
      const query = build(db, (name) => new Placeholder(name) as never).compile()
      compiled.set(engine, query)
      return query
    }
    function run(db: Kysely<Schema>, values: V): Promise<QueryResult<Row>> {
      const query = queryFor(db)
      const parameters = query.parameters.map((one) =>
        one instanceof Placeholder ? values[one.name as keyof V] : one,
      )
      // As `executeQuery` does it, without the layers for plugins, of which there are none.
      return db
        .getExecutor()
        .provideConnection((connection) => connection.executeQuery<Row>({ ...query, parameters }))
    }
    return {
      all: async (db, values) => (await run(db, values)).rows,
      first: async (db, values) => (await run(db, values)).rows[0] ?? null,
    }
  }
