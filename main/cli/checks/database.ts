import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { databasePath } from '../../store/data-directory.ts'
import type { Check, Finding } from '../doctor-report.ts'

/** The embedded database, opened for reading only; nothing is created or changed. */
export const checkDatabase =
  ({
    dataFolder,
    timeout = 2000,
  }: {
    readonly dataFolder: string
    /** How long to wait for a lock, in ms. */
    readonly timeout?: number
  }): Check =>
  async () => {
    const path = databasePath(dataFolder)
    const file = await stat(path).catch(() => null)
    if (file === null)
      return {
        check: 'database',
        state: 'information',
        summary: `No database yet in ${dataFolder}`,
        next: null,
        facts: { found: false, folder: dataFolder },
      }
    return inspect({ path, folder: dataFolder, bytes: file.size, timeout })
  }

function inspect({
  path,
  folder,
  bytes,
  timeout,
}: {
  readonly path: string
  readonly folder: string
  readonly bytes: number
  readonly timeout: number
}): Finding {
  const facts = { found: true, folder, bytes }
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout })
    const [row] = database.prepare('PRAGMA quick_check(1)').all()
    const answer = row?.['quick_check']
    if (answer !== 'ok') throw new Error(String(answer))
    return {
      check: 'database',
      state: 'ok',
      summary: `The database in ${folder} is intact (${Math.ceil(bytes / 1024)} KiB)`,
      next: null,
      facts,
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return /locked|busy/i.test(text)
      ? {
          check: 'database',
          state: 'information',
          summary: `The database in ${folder} is in use and was not checked`,
          next: null,
          facts,
        }
      : {
          check: 'database',
          state: 'attention',
          summary: `The database in ${folder} cannot be read: ${text}`,
          next: 'Stop Lanyard, keep a copy of the folder, and restore the last backup.',
          facts,
        }
  }
}
