export { openPostgres, type OpenPostgresOptions } from './open-postgres.ts'
export { connectPostgres } from './session.ts'
export type { PostgresAddress, PostgresSession } from './options.ts'
