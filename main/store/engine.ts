import { PostgresAdapter, type Kysely } from 'kysely'
import type { Schema } from './schema/index.ts'

/** Which engine answers, for the few statements that are not portable. */
export const engineOf = (db: Kysely<Schema>): 'sqlite' | 'postgres' =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
