import { sql, type RawBuilder } from 'kysely'

/** What the engines call differently; everything else in a step of the schema is portable. */
export interface ColumnTypes {
  readonly engine: 'sqlite' | 'postgres'
  readonly blob: 'blob' | 'bytea'
  /** A number up to 2^53. `bigint` is that on both engines; 0001 was written before there were two. */
  readonly integer: 'integer' | 'bigint'
  /** A key that the database counts up itself: type and constraint. */
  readonly ownId: RawBuilder<unknown>
}

export const sqliteTypes: ColumnTypes = {
  engine: 'sqlite',
  blob: 'blob',
  integer: 'integer',
  ownId: sql`integer primary key`,
}

export const postgresTypes: ColumnTypes = {
  engine: 'postgres',
  blob: 'bytea',
  integer: 'bigint',
  ownId: sql`bigint generated always as identity primary key`,
}
