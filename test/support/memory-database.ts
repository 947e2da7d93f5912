import { DatabaseSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { sqliteTypes } from '../../main/store/column-types.ts'
import { migrations } from '../../main/store/migrations/index.ts'
import type { Database } from '../../main/store/port.ts'
import type { Schema } from '../../main/store/schema/index.ts'

/**
 * The storage port on one SQLite connection in memory: transactions one after another, no thread and
 * no disk. For tests of rules; what is durable is tested on the real one.
 */
export async function memoryDatabase(): Promise<Database> {
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
  }
}
