/**
 * What the database's thread and its owner say to each other, several in one message. Replies come
 * in the order of the requests; `savepoint`, `release` and `rollback` have none: their failure shows
 * at the next `query` or `commit`, so that a write costs one round trip for all queries that it asks
 * together and one for the commit.
 */
export type WorkerRequest =
  | {
      readonly op: 'query'
      /** Number of the statement; its owner gives them out. */
      readonly id: number
      /** When the number is new or means another statement from now on. */
      readonly sql?: string
      readonly parameters: readonly SqlValue[]
    }
  /** Starts works inside the batch, and the batch itself when there is none. */
  | { readonly op: 'savepoint' }
  | { readonly op: 'release' }
  | { readonly op: 'rollback' }
  | { readonly op: 'commit' }
  | { readonly op: 'close' }

export type SqlValue = null | number | bigint | string | Uint8Array

export type WorkerReply =
  | {
      readonly ok: true
      /** Values only: the names go over once per statement. */
      readonly rows: readonly (readonly SqlValue[])[]
      /** Names of the columns, when they are not those of the last answer to this statement. */
      readonly columns?: readonly string[]
      readonly changes?: number | bigint
      readonly insertId?: number | bigint
    }
  | ({ readonly ok: false } & WorkerFailure)

export interface WorkerFailure {
  /** Extended result code of SQLite; null for anything that did not come from it. */
  readonly errcode: number | null
  readonly message: string
}

export interface WorkerSettings {
  readonly path: string
  readonly role: 'writer' | 'reader'
  /** How long to wait for another process's lock, in ms. */
  readonly busyTimeout: number
}
