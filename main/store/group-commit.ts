import { StoreError } from './port.ts'
import { storeError } from './sqlite-errors.ts'
import type { WorkerClient } from './worker-client.ts'

/**
 * Most works that share one flush, and how long the first of them waits for company, in ms: as long
 * as the last flush took, so that a slow disk gets large batches, and at least `batchTime`.
 */
const batchSize = 64
const batchTime = 5
const longestBatchTime = 100
/** A work that asks nothing of the database for so long waits for something else, in ms. */
const workTime = 10_000
/** A commit that takes longer is taken for a dead disk, in ms. */
const commitTime = 30_000

type Outcome = 'release' | 'rollback'

/** One work's place in a batch, from asking for the turn to the durable commit. */
export interface Turn {
  /** Resolves when the work may query; rejects when the database takes no more writes. */
  readonly begun: Promise<void>
  /** Ends the work; for `release`, resolves after the batch's durable commit. */
  end(outcome: Outcome): Promise<void>
  readonly ended: boolean
}

interface Place extends Turn {
  readonly begin: PromiseWithResolvers<void>
  readonly outcome: PromiseWithResolvers<Outcome>
  readonly durable: PromiseWithResolvers<void>
}

/**
 * Runs works one after another, as many as are there in one transaction, and flushes once for all.
 * Each is a savepoint, so each rolls back alone. After an I/O error or damage nothing is written
 * any more: a second flush may succeed although what the first one lost is gone.
 */
export class GroupCommit {
  readonly #worker: Pick<WorkerClient, 'post' | 'request'>
  readonly #queue: Place[] = []
  #running: Promise<void> | null = null
  #refusal: StoreError | null = null
  /** How long the last flush took, in ms. */
  #flushTime = 0

  constructor(worker: Pick<WorkerClient, 'post' | 'request'>) {
    this.#worker = worker
  }

  enter(): Turn {
    const place = newPlace()
    if (this.#refusal) place.begin.reject(again(this.#refusal))
    else this.#queue.push(place)
    this.#running ??= this.#run().finally(() => (this.#running = null))
    return place
  }

  /** Called with every error of a query: some mean that nothing may be written any more. */
  noticed(error: unknown): void {
    if (!(error instanceof StoreError)) return
    if (error.code === 'io' || error.code === 'corrupt') this.#refusal ??= error
  }

  /** Refuses new works, lets the ones that wait finish. */
  async close(): Promise<void> {
    await this.#running
    this.#refusal ??= storeError('closed', 'The database is closed.')
  }

  async #run(): Promise<void> {
    // Calls of the same tick join the first batch.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      if (this.#refusal) {
        for (const place of this.#queue.splice(0)) place.begin.reject(again(this.#refusal))
        return
      }
      await this.#batch()
    }
  }

  async #batch(): Promise<void> {
    const released: Place[] = []
    const start = performance.now()
    const time = Math.min(Math.max(batchTime, this.#flushTime), longestBatchTime)
    for (let count = 0; count < batchSize; count++) {
      const place = this.#queue.shift()
      if (!place) break
      this.#worker.post({ op: 'savepoint' })
      place.begin.resolve()
      const outcome = await withinTime(place)
      this.#worker.post({ op: outcome })
      if (outcome === 'release') released.push(place)
      if (performance.now() - start > time) break
    }
    const flush = performance.now()
    try {
      await withDeadline(this.#worker.request({ op: 'commit' }))
      this.#flushTime = performance.now() - flush
      // An I/O error that a work swallowed still makes its batch untrustworthy.
      if (this.#refusal) throw this.#refusal
      for (const { durable } of released) durable.resolve()
    } catch (error) {
      this.noticed(error)
      for (const { durable } of released) durable.reject(again(error))
    }
  }
}

function newPlace(): Place {
  const begin = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<Outcome>()
  const durable = Promise.withResolvers<void>()
  // Awaited by whoever ends the work; a work that never does must not crash the process.
  durable.promise.catch(() => {})
  let ended = false
  void outcome.promise.then(() => (ended = true))
  return {
    begin,
    outcome,
    durable,
    begun: begin.promise,
    get ended() {
      return ended
    },
    async end(how) {
      outcome.resolve(how)
      ended = true
      if (how === 'release') await durable.promise
    },
  }
}

async function withinTime({ outcome, durable }: Place): Promise<Outcome> {
  const timer = setTimeout(() => {
    durable.reject(
      storeError('busy', `A write waited ${workTime} ms for something but its own queries.`),
    )
    outcome.resolve('rollback')
  }, workTime)
  try {
    return await outcome.promise
  } finally {
    clearTimeout(timer)
  }
}

async function withDeadline<T>(commit: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(storeError('io', `The disk took more than ${commitTime} ms for a flush.`)),
    commitTime,
  )
  try {
    return await Promise.race([commit, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A new error per caller, so that each has its own stack. */
function again(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  return new StoreError(error.code, error.message, error.advice, { cause: error })
}
