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

interface Compiled<V extends object, Row> {
  readonly query: CompiledQuery<Row>
  /** The name of each value, or the value itself. */
  readonly parameters: readonly { readonly name: keyof V | null; readonly value: unknown }[]
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
    const compiled = new Map<string, Compiled<V, Row>>()

    function queryFor(db: Kysely<Schema>): Compiled<V, Row> {
      const engine = engineOf(db)
      const known = compiled.get(engine)
      if (known) return known
      const query = build(db, (name) => new Placeholder(name) as never).compile()
      const parameters = query.parameters.map((value) =>
        value instanceof Placeholder
          ? { name: value.name as keyof V, value: null }
          : { name: null, value },
      )
      const one = { query, parameters }
      compiled.set(engine, one)
      return one
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
      const { query, parameters: places } = queryFor(db)
      const parameters = places.map(({ name, value }) => (name === null ? value : values[name]))
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
