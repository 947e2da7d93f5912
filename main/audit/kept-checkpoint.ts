import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { Schema } from '../store/schema/index.ts'
import { AuditError } from './audit-error.ts'

/** Where a node keeps the newest checkpoint that it saw signed, outside the database. */
export interface KeptCheckpoint {
  /** The note, or null when there is none yet. */
  read(): Promise<string | null>
  write(note: string): Promise<void>
}

/** In a file; a power cut leaves the old note or the new one. */
export const keptInFile = (path: string): KeptCheckpoint => ({
  async read() {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
  },
  async write(note) {
    await mkdir(dirname(path), { recursive: true })
    const partial = `${path}.partial`
    const file = await open(partial, 'w', 0o600)
    try {
      await file.writeFile(note)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  },
})

/**
 * Rejects with `AuditError` `forked` unless the log in the database goes on from the checkpoint
 * `note`. Every checkpoint is kept in the database, and the signature of the same text is the same:
 * a history that went through it has exactly this note.
 */
export async function checkContinues(db: Kysely<Schema>, note: string): Promise<void> {
  const [, size = ''] = note.split('\n')
  if (!/^[1-9]\d{0,15}$/.test(size))
    throw forked('The checkpoint that this node kept is no checkpoint.')
  const row = await db
    .selectFrom('auditCheckpoint')
    .select('note')
    .where('size', '=', Number(size))
    .executeTakeFirst()
  if (row?.note === note) return
  throw forked(
    row
      ? `The log has other records before ${size} than this node has seen signed.`
      : `The log lacks the checkpoint of ${size} records that this node has seen signed.`,
  )
}

const forked = (message: string) =>
  new AuditError(
    'forked',
    message,
    'Stop all nodes. Restore the newest backup; what came after it is lost and must be reported. To go on with the log as it is, move the kept checkpoint of every node aside.',
  )
