import { UnderWay } from '../under-way.ts'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Again, type Entrance, GroupCommit } from './group-commit.ts'
import { migrate, type Migration } from './migrate.ts'
import { migrations as allMigrations } from './migrations/index.ts'
import { guardReserve, type ReserveState } from './guard-reserve.ts'
import { StoreError, type Database, type Tx } from './port.ts'
import { holdReserve, releaseReserve } from './reserve.ts'
import { readDatabase, writePipeline } from './sqlite-dialect.ts'
import { storeError } from './sqlite-errors.ts'
import { WorkerClient } from './worker-client.ts'

export interface OpenDatabaseOptions {
  /** The database's file; its folder is created when it is missing. */
  readonly path: string
  readonly migrations?: readonly Migration[]
  /** How long to wait for a lock that another process holds, in ms. */
  readonly busyTimeout?: number
  readonly now?: () => number
  /** Told when the space for emergency access was opened or is held again; at once when it is not. */
  readonly onReserve?: (state: ReserveState) => void
}

/**
 * Opens the embedded database, brings its schema up to date and verifies that it flushes every
 * commit. On a full disk it opens in the space that was reserved for emergency access. Rejects with
 * `StoreError`: locked by another process, full, damaged, not writable, or written by a newer
 * program.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { path, onReserve = () => {} } = options
  let db: Database
  try {
    db = await openUnguarded(options)
  } catch (error) {
    const full = error instanceof StoreError && error.code === 'full'
    if (!full || !(await releaseReserve(path))) throw error
    db = await openUnguarded(options)
  }
  const state = (await holdReserve(path)) ? 'held' : 'open'
  if (state === 'open') onReserve(state)
  const reserve = { hold: () => holdReserve(path), release: () => releaseReserve(path) }
  return guardReserve({ db, reserve, state, onChange: onReserve })
}

async function openUnguarded({
  path,
  migrations = allMigrations,
  busyTimeout = 5000,
  now = Date.now,
}: OpenDatabaseOptions): Promise<Database> {
  await prepareFile(path)
  const writer = await WorkerClient.open({ path, role: 'writer', busyTimeout })
  let reader: WorkerClient
  try {
    reader = await WorkerClient.open({ path, role: 'reader', busyTimeout })
  } catch (error) {
    await writer.close()
    throw error
  }
  const commits = new GroupCommit(writer)
  const writes = writePipeline(writer, commits)
  writer.onFailure = (error) => commits.noticed(error)
  const read = readDatabase(reader)
  const begun = new UnderWay()
  let closing: Promise<void> | null = null
  const db: Database = {
    async write(work, { urgent, reserve, lock } = {}) {
      if (closing) throw storeError('closed', 'The database is closed.')
      return begun.run(() => run(work, { urgent: urgent ?? reserve === 'take', lock }))
    },
    read,
    close: () => (closing ??= closeAll()),
  }
  async function run<T>(work: (tx: Tx) => Promise<T>, entrance: Entrance): Promise<T> {
    const connection = await writes.driver.acquireConnection()
    connection.entrance = entrance
    try {
      return await writes.transact(connection, work)
    } catch (error) {
      // It had its turn, so it waits behind nobody who had none.
      if (error instanceof Again) return run(work, { urgent: true })
      throw error
    }
  }
  async function closeAll() {
    await begun.ended()
    await commits.close()
    await reader.close()
    await writer.close()
  }
  try {
    // A step of the schema takes as long as the file is large.
    commits.patient = true
    await migrate(db, migrations, now)
    commits.patient = false
  } catch (error) {
    await db.close().catch(() => {})
    throw error
  }
  return db
}

async function prepareFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const present = await stat(path).catch(() => null)
    const journal = await stat(`${path}-wal`).catch(() => null)
    if (!present && journal && journal.size > 0)
      throw storeError('corrupt', 'The database file is missing, but its journal is there.')
    // Created here so that nobody else can read it; SQLite gives its journal the same mode.
    const file = await open(path, 'a', 0o600)
    await file.close()
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    const { code } = error as NodeJS.ErrnoException
    const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'unwritable'
    throw storeError(kind, `The database cannot be opened: ${code}.`, { cause: error })
  }
}
