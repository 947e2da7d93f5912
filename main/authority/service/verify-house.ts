import { keptInFile, type Verification, verifyDatabase } from '../../audit/index.ts'
import { noteSigner } from '../../audit/signed-note.ts'
import { openPostgres } from '../../store/postgres/index.ts'
import { databaseSession } from './database-session.ts'
import { createDatabaseWatch } from './database-watch.ts'
import { readKeys } from './keys.ts'
import { logOrigin } from './open-node.ts'
import { readConfig } from './read-config.ts'
import { filePath } from './read-secret-file.ts'

export interface HouseVerification {
  /** Null: the database holds no log. */
  readonly log: Verification | null
  /** Records that no checkpoint covers yet. */
  readonly waiting: number
  /** Whether a checkpoint kept outside the database was there to compare with. */
  readonly compared: boolean
}

/**
 * Verifies the log in the database of a configuration against its key and the checkpoint that this
 * node kept; writes nothing to the log. Rejects with `ConfigError` or `StoreError`.
 */
export async function verifyHouse(path: string): Promise<HouseVerification> {
  const { config, folder } = await readConfig(path)
  const keys = await readKeys(config.keys.file, { folder })
  const session = await databaseSession(config.database, { folder })
  const signer = noteSigner(logOrigin(config), Buffer.from(keys.log, 'hex'))
  const kept = config.keptCheckpoint
    ? await keptInFile(
        filePath('keptCheckpoint.file', config.keptCheckpoint.file, { folder }),
      ).read()
    : null
  const db = await openPostgres({ ...session, poolSize: 2 })
  const watch = createDatabaseWatch(session)
  try {
    const log = await verifyDatabase(db, {
      key: signer.verifierKey,
      ...(kept === null ? {} : { since: kept }),
    })
    const { waiting } = await watch.unsequenced()
    return { log, waiting, compared: kept !== null }
  } finally {
    await watch.close()
    await db.close()
  }
}
