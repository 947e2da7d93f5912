import type { TestProject } from 'vitest/node'
import { startPostgres, type PostgresCluster } from '../../support/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's connection string to the server that the suites share. */
    postgres: string
  }
}

let cluster: PostgresCluster | null = null

/** One server for all suites that do no harm to it; each takes a schema or a database of its own. */
export async function setup(project: TestProject): Promise<void> {
  cluster = await startPostgres()
  // For fixtures of unit tests; workers begin with what stands here.
  process.env['LANYARD_TEST_POSTGRES'] = cluster.connectionString
  project.provide('postgres', cluster.connectionString)
}

export async function teardown(): Promise<void> {
  await cluster?.dispose()
}
