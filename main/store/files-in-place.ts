import { type BigIntStats, statSync } from 'node:fs'

/**
 * The files of a database as they were when it was opened. One that is removed or replaced while it
 * is open takes writes all the same, and whatever is in it is gone with the process.
 */
export class FilesInPlace {
  readonly #files: readonly { readonly path: string; readonly opened: BigIntStats | undefined }[]

  constructor(paths: readonly string[]) {
    this.#files = paths.map((path) => ({ path, opened: look(path) }))
  }

  /** Throws as SQLite does for an I/O error (SQLITE_IOERR). */
  check(): void {
    for (const { path, opened } of this.#files) {
      const now = look(path)
      if (now?.ino !== opened?.ino || now?.dev !== opened?.dev)
        throw Object.assign(new Error('its file was removed or replaced while it was open'), {
          errcode: 10,
        })
    }
  }
}

const look = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false })
