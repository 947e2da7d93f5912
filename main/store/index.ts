export type { ReserveState } from './guard-reserve.ts'
export { openDatabase, type OpenDatabaseOptions } from './open-database.ts'
export { holdReserve, releaseReserve } from './reserve.ts'
export { databasePath } from './data-directory.ts'
