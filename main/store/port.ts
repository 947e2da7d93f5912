import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema/index.ts'

export type Tx = Transaction<Schema>

/**
 * A database with one promise: what `write` resolved is on the disk. Engines differ behind it
 * (SQLite embedded, PostgreSQL as a service); the SQL above it is Kysely and portable:
 * `UPDATE ... RETURNING`, `INSERT ... ON CONFLICT`, no data-modifying CTEs.
 */
export interface Database {
  /**
   * Runs `work` in a transaction and resolves after its durable commit. Concurrent writes may share
   * one flush (group commit); each still commits or rolls back alone. `work` must not wait for
   * anything but its own queries. It may run more than once: when the disk was full and the write
   * may take the reserve, when a write that it ran beside failed, and on PostgreSQL when another
   * transaction was in its way. Rejects with `StoreError` or what `work` threw.
   */
  write<T>(work: (tx: Tx) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Consistent reads outside a write; sees everything that `write` resolved before. */
  readonly read: Kysely<Schema>
  close(): Promise<void>
}

/**
 * What a write may do with the space that is reserved for emergency access. `none`: nothing, it is
 * refused while the reserve is open. `share`: goes on in a reserve that is open. `take`: on a full
 * disk it opens the reserve.
 */
export type ReserveUse = 'none' | 'share' | 'take'

export interface WriteOptions {
  /** `none` when left out; a function is asked on a full disk only. */
  readonly reserve?: ReserveUse | (() => ReserveUse | Promise<ReserveUse>)
  /**
   * Goes before other writes that wait for a slow disk, and is still taken when so many wait that
   * those are refused with `busy`. What may take the reserve is urgent unless this says no.
   */
  readonly urgent?: boolean
  /**
   * `serializable` when left out: as if writes that share a name, or name nothing, ran one after
   * another. `read-committed` is for work that first takes a lock of its own, by which its like
   * exclude each other. SQLite has one writer anyway.
   */
  readonly isolation?: 'serializable' | 'read-committed'
  /**
   * Everything that this write checks before it acts, by name, e.g. `person:123`: it then runs
   * beside writes that name nothing of the same, on either engine, and nothing else keeps them apart.
   * Without it, it runs beside none.
   */
  readonly lock?: readonly string[]
}

/**
 * `newer`: the database was written by a later version of this program. `unreachable`: there is no
 * connection to the database, nothing was kept, and it heals by itself. `unconfirmed`: the
 * connection was lost while the database committed, so the write may or may not have taken place.
 */
export type StoreErrorCode =
  | 'busy'
  | 'full'
  | 'corrupt'
  | 'unwritable'
  | 'io'
  | 'closed'
  | 'newer'
  | 'unreachable'
  | 'unconfirmed'

export class StoreError extends Error {
  readonly code: StoreErrorCode
  /** What to do next, for the operator. */
  readonly advice: string
  constructor(code: StoreErrorCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
    this.advice = advice
  }
}

export type ConstraintKind = 'unique' | 'foreign-key' | 'not-null' | 'check' | 'other'

/** A query broke a rule of the schema. The message names tables and columns, never values. */
export class ConstraintError extends Error {
  readonly code = 'constraint'
  readonly kind: ConstraintKind
  constructor(kind: ConstraintKind, message: string) {
    super(message)
    this.name = 'ConstraintError'
    this.kind = kind
  }
}
