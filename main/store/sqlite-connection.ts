import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { FilesInPlace } from './files-in-place.ts'
import type { SqlValue, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts'

/** `LANY`, in the header of every database of ours (PRAGMA application_id). */
export const applicationId = 0x4c414e59
/** Below this size the whole file is checked at start; above it only what is touched. */
const checkedBytes = 32 * 1024 * 1024

interface Prepared {
  readonly statement: StatementSync
  /** None: the statement returns no rows. */
  columns: readonly string[]
  /** Whether whoever asks knows the columns. */
  told: boolean
}

type Control = 'BEGIN IMMEDIATE' | 'SAVEPOINT work' | 'RELEASE work' | 'ROLLBACK TO work' | 'COMMIT'

/** After these a statement may have other columns than before. */
const changesSchema = /^\s*(create|alter|drop)\b/i

const namesOf = (statement: StatementSync) => statement.columns().map(({ name }) => name)

/** One SQLite connection and the transaction of the batch that it is working on. */
export class SqliteConnection {
  readonly #db: DatabaseSync
  /** By their numbers. */
  readonly #texts: string[] = []
  readonly #prepared: (Prepared | undefined)[] = []
  readonly #controls = new Map<Control, StatementSync>()
  /** Why the batch at hand can no longer be committed. */
  #broken: Error | null = null
  #open = false
  /** Null: it writes nothing. */
  readonly #files: FilesInPlace | null

  constructor({ path, role, busyTimeout }: WorkerSettings) {
    this.#db = new DatabaseSync(path, { timeout: busyTimeout, readOnly: role === 'reader' })
    try {
      if (role === 'writer') this.#prepareToWrite()
      this.#expect('journal_mode', 'wal')
      this.#set('foreign_keys', 1)
      this.#set('busy_timeout', busyTimeout)
      this.#files = role === 'writer' ? new FilesInPlace([path, `${path}-wal`]) : null
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  handle(request: WorkerRequest): WorkerReply | null {
    switch (request.op) {
      case 'query':
        return this.#query(request)
      case 'savepoint':
        if (!this.#open) this.#control('BEGIN IMMEDIATE')
        this.#open = true
        this.#control('SAVEPOINT work')
        return null
      case 'release':
        this.#control('RELEASE work')
        return null
      case 'rollback':
        this.#control('ROLLBACK TO work')
        this.#control('RELEASE work')
        return null
      case 'commit':
        this.#commit()
        return { ok: true, rows: [] }
      case 'close':
        this.#prepared.length = 0
        this.#controls.clear()
        this.#db.close()
        return { ok: true, rows: [] }
    }
  }

  #query({ id, sql, parameters }: Extract<WorkerRequest, { op: 'query' }>): WorkerReply {
    if (sql !== undefined) {
      this.#texts[id] = sql
      this.#prepared[id] = undefined
    }
    if (this.#broken) throw this.#broken
    try {
      const prepared = (this.#prepared[id] ??= this.#prepare(this.#texts[id] ?? ''))
      const { statement, columns } = prepared
      if (columns.length > 0) {
        const rows = statement.all(...parameters) as unknown as SqlValue[][]
        // SQLite prepares it anew by itself when another connection has changed the schema.
        const same = rows.length === 0 || rows[0]?.length === columns.length
        if (prepared.told && same) return { ok: true, rows }
        prepared.columns = namesOf(statement)
        prepared.told = true
        return { ok: true, rows, columns: prepared.columns }
      }
      const { changes, lastInsertRowid } = statement.run(...parameters)
      if (changesSchema.test(this.#texts[id] ?? '')) this.#prepared.length = 0
      return { ok: true, rows: [], changes, insertId: lastInsertRowid }
    } catch (error) {
      // Full, I/O and memory errors roll the whole transaction back on their own (lang_transaction).
      if (this.#open && !this.#db.isTransaction) this.#broken = error as Error
      throw error
    }
  }

  #control(sql: Control): void {
    if (this.#broken) return
    try {
      this.#run(sql)
    } catch (error) {
      this.#broken = error as Error
    }
  }

  #commit(): void {
    try {
      if (this.#broken) throw this.#broken
      this.#files?.check()
      this.#run('COMMIT')
    } finally {
      this.#broken = null
      this.#open = false
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
    }
  }

  #run(sql: Control): void {
    let statement = this.#controls.get(sql)
    if (!statement) this.#controls.set(sql, (statement = this.#db.prepare(sql)))
    statement.run()
  }

  #prepare(sql: string): Prepared {
    const statement = this.#db.prepare(sql)
    statement.setReturnArrays(true)
    return { statement, columns: namesOf(statement), told: false }
  }

  #prepareToWrite(): void {
    this.#set('journal_mode', 'wal')
    this.#set('synchronous', 2)
    // 4 MB: what is kept free for emergency access (reserve.ts) counts on no more.
    this.#set('wal_autocheckpoint', 1000)
    this.#set('journal_size_limit', 64 * 1024 * 1024)
    this.#set('trusted_schema', 0)
    const id = this.#get('application_id')
    const tables = this.#db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()
    if (id !== applicationId && (id !== 0 || tables?.['n'] !== 0))
      throw notADatabase('it belongs to another program')
    const bytes = Number(this.#get('page_count')) * Number(this.#get('page_size'))
    if (bytes <= checkedBytes) {
      const found = this.#get('quick_check')
      if (found !== 'ok') throw notADatabase(String(found))
    }
    // A write of what is there already: shows now whether the disk takes one.
    this.#db.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${applicationId}; COMMIT`)
  }

  #set(pragma: string, value: string | number): void {
    this.#db.exec(`PRAGMA ${pragma} = ${value}`)
    this.#expect(pragma, value)
  }

  #expect(pragma: string, value: string | number): void {
    const found = this.#get(pragma)
    if (found !== value)
      throw new Error(`PRAGMA ${pragma} is ${String(found)} and must be ${value}.`)
  }

  #get(pragma: string): SqlValue {
    const row = this.#db.prepare(`PRAGMA ${pragma}`).get()
    return (row ? Object.values(row)[0] : null) as SqlValue
  }
}

/** SQLITE_CORRUPT, for damage that SQLite reports as a result or not at all. */
const notADatabase = (why: string) =>
  Object.assign(new Error(`The file is no sound database: ${why}.`), { errcode: 11 })
