import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import { DirectExecutor, type RowsExpected } from './direct-executor.ts'
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
  all(db: Kysely<Schema>, values: V): Promise<readonly Row[]>
  /** The one row that there can be, or null. */
  first(db: Kysely<Schema>, values: V): Promise<Row | null>
  /** For what it changes. */
  run(db: Kysely<Schema>, values: V): Promise<void>
}

/**
 * A query that is built once per engine and not for each run, which costs more than SQLite takes to
 * answer it. For the queries of a sign-in; wherever it does not matter, say it directly. A `place` can
 * only be where Kysely takes a value: `null` must be written out (`is null`). In a transaction, `first`
 * and `run` of the same turn may become one statement: what needs another's effect waits for it first.
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
    async function throughKysely(
      db: Kysely<Schema>,
      query: CompiledQuery<Row>,
      parameters: readonly unknown[],
    ): Promise<readonly Row[]> {
      const { rows } = await db.executeQuery<Row>({ ...query, parameters })
      return rows
    }
    function ask(db: Kysely<Schema>, values: V, rows: RowsExpected): Promise<readonly Row[]> {
      const query = queryFor(db)
      const parameters = query.parameters.map((one) =>
        one instanceof Placeholder ? values[one.name as keyof V] : one,
      )
      const executor = db.getExecutor()
      return executor instanceof DirectExecutor
        ? executor.ask<Row>(query, parameters, rows)
        : throughKysely(db, query, parameters)
    }
    return {
      all: (db, values) => ask(db, values, 'many'),
      first: (db, values) => ask(db, values, 'one').then(([row]) => row ?? null),
      run: (db, values) => ask(db, values, 'none').then(() => {}),
    }
  }
