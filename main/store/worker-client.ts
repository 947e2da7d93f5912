import { Worker } from 'node:worker_threads'
import { sqliteError, storeError } from './sqlite-errors.ts'
import { StatementNumbers } from './statement-numbers.ts'
import type { SqlValue, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts'

export type Row = Record<string, SqlValue>
export interface Rows {
  readonly rows: readonly Row[]
  readonly changes?: number | bigint | undefined
  readonly insertId?: number | bigint | undefined
}

interface Waiting {
  /** Of the query that is waited for. */
  readonly id: number | null
  readonly resolve: (rows: Rows) => void
  readonly reject: (error: Error) => void
}

type Control = Exclude<WorkerRequest, { readonly op: 'query' }>

// From source Node strips the types; in the bundle the worker is built beside this file.
const workerFile = import.meta.url.endsWith('.ts') ? 'sqlite-worker.ts' : 'sqlite-worker.js'

/**
 * One database thread. Requests are answered in order; a dead thread rejects all of them. What is
 * asked in the same turn goes over in one message: waking a thread costs more than most queries.
 */
export class WorkerClient {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #outbox: WorkerRequest[] = []
  readonly #statements = new StatementNumbers()
  readonly #role: WorkerSettings['role']
  /** Told of every query that failed, before who asked it is. */
  onFailure: (error: Error) => void = () => {}
  #sending = false
  #ended: Error | null = null

  private constructor(settings: WorkerSettings) {
    this.#role = settings.role
    this.#worker = new Worker(new URL(workerFile, import.meta.url), { workerData: settings })
    this.#worker.on('message', (replies: readonly WorkerReply[]) => {
      for (const reply of replies) this.#settle(reply)
    })
    this.#worker.on('error', (error) => this.#end('The database thread failed.', error))
    this.#worker.on('exit', () => this.#end('The database thread has ended.'))
  }

  /** Resolves when the database is open and its settings are verified. */
  static async open(settings: WorkerSettings): Promise<WorkerClient> {
    const client = new WorkerClient(settings)
    try {
      await client.#reply(null)
      return client
    } catch (error) {
      await client.#worker.terminate()
      throw error
    }
  }

  query(sql: string, parameters: readonly unknown[]): Promise<Rows> {
    if (this.#ended) return Promise.reject(this.#ended)
    const { id, isNew } = this.#statements.of(sql)
    const values = parameters.map(own)
    this.#put({ op: 'query', id, ...(isNew ? { sql } : {}), parameters: values })
    return this.#reply(id)
  }

  /** For the requests that are answered. */
  request(request: Extract<Control, { readonly op: 'commit' | 'close' }>): Promise<Rows> {
    if (this.#ended) return Promise.reject(this.#ended)
    this.#put(request)
    return this.#reply(null)
  }

  /** For requests that are not: they go with the next one that is, at the latest with the commit. */
  post(request: Control): void {
    if (!this.#ended) this.#outbox.push(request)
  }

  async close(): Promise<void> {
    if (this.#ended) return
    await this.request({ op: 'close' }).finally(() => this.#worker.terminate())
  }

  #put(request: WorkerRequest): void {
    this.#outbox.push(request)
    if (this.#sending) return
    this.#sending = true
    // Not before all that goes on in this turn has asked. What reads is asked by many who do not
    // know of each other: all that came in goes together.
    if (this.#role === 'reader') setImmediate(this.#send)
    else process.nextTick(this.#send)
  }

  readonly #send = () => {
    this.#sending = false
    this.#worker.postMessage(this.#outbox.splice(0), [])
  }

  #reply(id: number | null): Promise<Rows> {
    return new Promise((resolve, reject) => this.#waiting.push({ id, resolve, reject }))
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.shift()
    if (!waiting) return
    if (reply.ok) {
      const { id } = waiting
      const rows = id === null ? [] : this.#statements.name(id, reply.rows, reply.columns)
      waiting.resolve({ rows, changes: reply.changes, insertId: reply.insertId })
    } else {
      const error = sqliteError(reply)
      this.onFailure(error)
      waiting.reject(error)
    }
  }

  #end(message: string, cause?: unknown): void {
    this.#ended ??= storeError('io', message, { cause })
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#ended)
  }
}

/** A view of a larger buffer would be sent with all of it. */
const own = (value: unknown): SqlValue =>
  value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength
    ? new Uint8Array(value)
    : (value as SqlValue)
