import { DatabaseSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { sqliteTypes } from './column-types.ts'
import { migrations } from './migrations/index.ts'
import type { Database } from './port.ts'
import type { Schema } from './schema/index.ts'

export interface MemoryDatabase extends Database {
  /** The connection itself, for what the query builder does not know; never in a write. */
  readonly execute: (sql: string) => void
}

/**
 * The storage port on one SQLite connection in memory: transactions one after another, no thread and
 * no disk. What is durable is somebody else's business. Queries take microseconds on this thread.
 */
export async function openMemoryDatabase(): Promise<MemoryDatabase> {
  const sqlite = new DatabaseSync(':memory:')
  const database: SqliteDatabase = {
    close: () => sqlite.close(),
    prepare: (sql) => {
      const statement = sqlite.prepare(sql)
      const bind = (parameters: readonly unknown[]) =>
        parameters as Parameters<typeof statement.all>
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => {
          const { changes, lastInsertRowid } = statement.run(...bind(parameters))
          return { changes: BigInt(changes), lastInsertRowid: BigInt(lastInsertRowid) }
        },
        iterate: (parameters) => statement.iterate(...bind(parameters)),
      }
    },
  }
  const kysely = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })
  sqlite.exec('PRAGMA foreign_keys = ON')
  for (const { up } of migrations) await up(kysely as unknown as Kysely<unknown>, sqliteTypes)
  return {
    read: kysely,
    write: (work) => kysely.transaction().execute(work),
    close: () => kysely.destroy(),
    execute: (sql) => sqlite.exec(sql),
  }
}
