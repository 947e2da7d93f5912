import type { Database } from '../../main/store/port.ts'
import { memoryDatabase } from './memory-database.ts'
import { postgresDatabase, testPostgres } from '../../main/store/postgres/test-database.ts'

/** An empty database for tests of rules: SQLite in memory, or PostgreSQL where one is named. */
export const quickDatabase = (): Promise<Database> =>
  testPostgres === undefined ? memoryDatabase() : postgresDatabase(testPostgres)
