import { Worker } from 'node:worker_threads'
import { sqliteError, storeError } from './sqlite-errors.ts'
import type { WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts'

export type Rows = Extract<WorkerReply, { ok: true }>

interface Waiting {
  readonly resolve: (reply: Rows) => void
  readonly reject: (error: Error) => void
}

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
  readonly #role: WorkerSettings['role']
  #sending = false
  #ended: Error | null = null

  private constructor(settings: WorkerSettings) {
    this.#role = settings.role
    this.#worker = new Worker(new URL(workerFile, import.meta.url), { workerData: settings })
    this.#worker.on('message', (replies: readonly WorkerReply[]) => {
      for (const reply of replies) {
        const waiting = this.#waiting.shift()
        if (reply.ok) waiting?.resolve(reply)
        else waiting?.reject(sqliteError(reply))
      }
    })
    this.#worker.on('error', (error) => this.#end('The database thread failed.', error))
    this.#worker.on('exit', () => this.#end('The database thread has ended.'))
  }

  /** Resolves when the database is open and its settings are verified. */
  static async open(settings: WorkerSettings): Promise<WorkerClient> {
    const client = new WorkerClient(settings)
    try {
      await client.#reply()
      return client
    } catch (error) {
      await client.#worker.terminate()
      throw error
    }
  }

  /** For requests that are answered. */
  async request(request: WorkerRequest): Promise<Rows> {
    if (this.#ended) throw this.#ended
    this.#outbox.push(request)
    if (!this.#sending) {
      this.#sending = true
      // Not before all that goes on in this turn has asked. What reads is asked by many who do not
      // know of each other: all that came in goes together.
      if (this.#role === 'reader') setImmediate(() => this.#send())
      else process.nextTick(() => this.#send())
    }
    return this.#reply()
  }

  /** For requests that are not: they go with the next one that is, at the latest with the commit. */
  post(request: WorkerRequest): void {
    if (!this.#ended) this.#outbox.push(request)
  }

  #send(): void {
    this.#sending = false
    this.#worker.postMessage(this.#outbox.splice(0), [])
  }

  async close(): Promise<void> {
    if (this.#ended) return
    await this.request({ op: 'close' }).finally(() => this.#worker.terminate())
  }

  #reply(): Promise<Rows> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #end(message: string, cause?: unknown): void {
    this.#ended ??= storeError('io', message, { cause })
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#ended)
  }
}
