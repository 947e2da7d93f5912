import type { Database } from '../store/port.ts'
import { exportLines } from './export.ts'
import { verifyExport, type Verification, type VerifyOptions } from './verify.ts'

/**
 * Verifies the log where it lies, up to its last checkpoint, e.g. after a backup was restored. It
 * reads all of it and changes nothing; null: there is no log yet.
 */
export async function verifyDatabase(
  db: Pick<Database, 'read'>,
  options: VerifyOptions = {},
): Promise<Verification | null> {
  const tree = await db.read.selectFrom('auditTree').select(['key', 'size']).executeTakeFirst()
  if (!tree || tree.size === 0) return null
  return verifyExport(exportLines(db, tree.key, tree.size), options)
}
