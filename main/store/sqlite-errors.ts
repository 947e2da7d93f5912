import { ConstraintError, StoreError, type ConstraintKind, type StoreErrorCode } from './port.ts'
import type { WorkerFailure } from './worker-protocol.ts'

const advice: Readonly<Record<StoreErrorCode, string>> = {
  busy: 'Close the other program that has the database open, or wait for it, and try again.',
  full: 'Free space on the disk that holds the data directory; nothing needs to be restarted.',
  corrupt:
    'Stop Lanyard, keep a copy of the data directory for analysis, and restore the last backup.',
  unwritable: 'Let the account that runs Lanyard write to the data directory and start it again.',
  io: 'Check the disk (cable, SMART, mount), then restart Lanyard; it recovers what was confirmed.',
  closed: 'Restart Lanyard.',
  newer: 'Install the version of Lanyard that wrote this database, or a later one.',
  unreachable: 'Restart Lanyard.',
  unconfirmed: 'Look whether it took place before doing it again.',
}

/** A `StoreError` with the standing advice for its code. */
export const storeError = (code: StoreErrorCode, message: string, options?: ErrorOptions) =>
  new StoreError(code, message, advice[code], options)

/** Primary result codes of SQLite (rescode.html). */
const codes: Readonly<Record<number, StoreErrorCode>> = {
  3: 'unwritable', // PERM
  5: 'busy', // BUSY
  6: 'busy', // LOCKED
  8: 'unwritable', // READONLY
  10: 'io', // IOERR
  11: 'corrupt', // CORRUPT
  13: 'full', // FULL
  14: 'unwritable', // CANTOPEN
  15: 'busy', // PROTOCOL: the WAL's locks are contended
  26: 'corrupt', // NOTADB
}
/** SQLITE_IOERR_SHMSIZE: no room for the WAL's index, which comes as an I/O error. */
const ioerrShmsize = 4874

const kinds: Readonly<Record<number, ConstraintKind>> = {
  275: 'check',
  787: 'foreign-key',
  1299: 'not-null',
  1555: 'unique', // PRIMARYKEY
  2067: 'unique',
  2579: 'unique', // ROWID
}

/** What the worker reported, as the error that the port promises. */
export function sqliteError({ errcode, message }: WorkerFailure): Error {
  if (errcode === null) return new Error(message)
  if (errcode === ioerrShmsize) return storeError('full', `The disk is full: ${message}`)
  const primary = errcode & 0xff
  if (primary === 19) return new ConstraintError(kinds[errcode] ?? 'other', message)
  const code = codes[primary]
  return code
    ? storeError(code, `The database refused (SQLite ${errcode}): ${message}`)
    : new Error(`SQLite ${errcode}: ${message}`)
}
