import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../main/store/index.ts'
import type { Database } from '../../main/store/port.ts'
import { openPostgres } from '../../main/store/postgres/index.ts'
import { type PostgresCluster, startPostgres } from '../support/postgres.ts'
import { slowFlush } from './processes.ts'

export const engines = ['sqlite', 'postgres'] as const
export type Engine = (typeof engines)[number]
export type DatabaseSettings =
  | { readonly engine: 'sqlite'; readonly path: string }
  | {
      readonly engine: 'postgres'
      readonly connectionString: string
      readonly poolSize?: number
      readonly statementTimeout?: number
    }

export const openBenchDatabase = (
  settings: DatabaseSettings,
  onRetry: () => void = () => {},
): Promise<Database> =>
  settings.engine === 'sqlite'
    ? openDatabase({ path: settings.path })
    : openPostgres({
        connectionString: settings.connectionString,
        poolSize: settings.poolSize ?? 16,
        statementTimeout: settings.statementTimeout ?? 10_000,
        onRetry,
      })

/** Where both sides of a comparison put their databases. */
export interface Ground {
  readonly engine: Engine
  readonly folder: string
  /** Extra time of every flush, ms; SQLite's server must be started with it, PostgreSQL has it. */
  readonly flushDelay: number
  readonly cluster: PostgresCluster | null
  /** A new database for the product. */
  create(): Promise<DatabaseSettings>
  dispose(): Promise<void>
}

export async function prepareGround(engine: Engine, flushDelay = 0): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-bench-'))
  const cluster =
    engine === 'postgres' ? await startPostgres({ wrapper: slowFlush(flushDelay) }) : null
  let count = 0
  return {
    engine,
    folder,
    flushDelay,
    cluster,
    async create() {
      count += 1
      return cluster
        ? { engine: 'postgres', connectionString: await cluster.createDatabase() }
        : { engine: 'sqlite', path: join(folder, `${count}.db`) }
    },
    async dispose() {
      await cluster?.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
