import { chown, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { historyOf } from '../../../main/authority/events/history.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'

let cluster: PostgresCluster
beforeAll(async () => {
  cluster = await startPostgres()
})
afterAll(() => cluster.dispose())

/** Starts the server as a standby of nobody. */
async function startAsStandby(): Promise<void> {
  await cluster.stop()
  const signal = join(cluster.dataFolder, 'standby.signal')
  await writeFile(signal, '')
  const { uid, gid } = await stat(cluster.dataFolder)
  await chown(signal, uid, gid)
  await cluster.start()
}

test('a standby that was promoted goes on with another history, and a restart with the same', async () => {
  const db = await openPostgres({
    connectionString: cluster.connectionString,
    schema: 'history',
    poolSize: 2,
  })
  const before = await historyOf(db)
  const patience = { timeout: 20_000 }
  await cluster.stop('immediate')
  // Not known while nobody answers.
  await expect(historyOf(db)).resolves.toBeNull()
  await cluster.start()
  await expect.poll(() => historyOf(db), patience).toBe(before)

  await startAsStandby()
  await cluster.admin('select pg_promote()')
  await expect.poll(() => historyOf(db), patience).not.toBeNull()
  expect(await historyOf(db)).not.toBe(before)
  await db.close()
}, 120_000)
