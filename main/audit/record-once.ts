import { stat } from 'node:fs/promises'
import { databasePath } from '../store/data-directory.ts'
import { openDatabase } from '../store/open-database.ts'
import { StoreError } from '../store/port.ts'
import type { AuditEventName, AuditInput } from './events.ts'
import { AuditError } from './audit-error.ts'
import { createAuditLog } from './log.ts'
import { keyName } from './signed-note.ts'

export interface RecordOnceOptions {
  readonly dataDirectory: string
  /** Ed25519 seed of the log, 32 bytes, from the vault. */
  readonly seed: Uint8Array
  readonly event: AuditEventName
  readonly detail: AuditInput['detail']
  readonly now?: () => number
}

/**
 * One record into the log of a data folder, from a command that stands beside the agent; durable and
 * under a checkpoint when it resolves.
 */
export async function recordOnce({
  dataDirectory,
  seed,
  event,
  detail,
  now = Date.now,
}: RecordOnceOptions): Promise<
  { readonly ok: true } | { readonly ok: false; readonly message: string; readonly advice: string }
> {
  const path = databasePath(dataDirectory)
  if (!(await stat(path).catch(() => null)))
    return {
      ok: false,
      message: `there is no log in ${dataDirectory}.`,
      advice: 'Start Lanyard once, or name its data folder with --data.',
    }
  try {
    const db = await openDatabase({ path, now })
    try {
      const tree = await db.read.selectFrom('auditTree').select('key').executeTakeFirst()
      if (!tree)
        return {
          ok: false,
          message: 'the database holds no log yet.',
          advice: 'Start Lanyard once.',
        }
      const log = await createAuditLog({ db, seed, origin: keyName(tree.key), now })
      try {
        await db.write((tx) =>
          log.append(tx, {
            event,
            outcome: 0,
            actor: null,
            workstation: null,
            session: null,
            patient: null,
            assurance: null,
            purposeOfUse: null,
            detail,
          }),
        )
        await log.checkpoint()
        return { ok: true }
      } finally {
        await log.dispose()
      }
    } finally {
      await db.close()
    }
  } catch (error) {
    if (error instanceof StoreError || error instanceof AuditError)
      return { ok: false, message: error.message, advice: error.advice }
    throw error
  }
}
