import { StoreError } from './port.ts'
import { storeError } from './sqlite-errors.ts'
import type { WorkerClient } from './worker-client.ts'

/**
 * Most works that share one flush, and how long the first of them waits for others that are there
 * already, in ms: as long as the last flush took, so that a slow disk gets large batches, and at
 * least `batchTime`. Pages that many works change are written once per batch.
 */
const batchSize = 256
const batchTime = 20
const longestBatchTime = 100
/** Most works that run together, and run again each alone when one of them fails. */
const mostTogether = 64
/** After a batch of so many works the next one waits for more, so long at most, in ms. */
const siblings = 5
const longestGathering = 5
/** A work that asks nothing of the database for so long waits for something else, in ms. */
const workTime = 10_000
/** A commit that takes longer is taken for a dead disk, in ms. */
const commitTime = 30_000

/** Who would wait longer than this is refused at once, in ms; but never while fewer wait than this. */
const longestWait = 2000
const alwaysTaken = 256

type Outcome = 'release' | 'rollback'

export interface Entrance {
  /** Goes before the others, and is still taken where those are refused. */
  readonly urgent?: boolean
  /** As `WriteOptions.lock`: runs beside works that name nothing of the same; without it, beside none. */
  readonly lock?: readonly string[] | undefined
}

/** A work beside this one failed and took its statements back, too: it has to run again, alone. */
export class Again extends Error {
  constructor() {
    super('The write has to run again.')
    this.name = 'Again'
  }
}

/** One work's place in a batch, from asking for the turn to the durable commit. */
export interface Turn {
  /** Resolves when the work may query; rejects when the database takes no more writes. */
  readonly begun: Promise<void>
  /**
   * Ends the work; for `release`, resolves after the batch's durable commit, or rejects with `Again`.
   */
  end(outcome: Outcome): Promise<void>
  /** Called before each query: a work that asked nothing has nothing to take back. */
  touch(): void
  readonly ended: boolean
}

interface Place extends Turn {
  readonly touched: boolean
  readonly lock: readonly string[] | undefined
  readonly begin: PromiseWithResolvers<void>
  readonly outcome: PromiseWithResolvers<Outcome>
  readonly durable: PromiseWithResolvers<void>
}

/**
 * Runs works one after another, as many as are there in one transaction, and flushes once for all.
 * Works that depend on nothing of each other run together, so that their queries share the round
 * trips to the database's thread, which cost more than the queries. Those that run together are one
 * savepoint: when one of them fails, the others run again, each alone. After an I/O error or damage
 * nothing is written any more: a second flush may succeed although what the first one lost is gone.
 */
export class GroupCommit {
  /** Works take as long as they need. */
  patient = false
  readonly #worker: Pick<WorkerClient, 'post' | 'request'>
  readonly #urgent: Place[] = []
  readonly #queue: Place[] = []
  #running: Promise<void> | null = null
  #refusal: StoreError | null = null
  /** How long the last flush took, in ms. */
  #flushTime = 0
  /** How long a work and a flush take of late, in ms. */
  readonly #pace = { work: 1, flush: 1 }
  /** Works per ms while more wait than one batch takes; null: they do not. */
  #rate: number | null = null

  constructor(worker: Pick<WorkerClient, 'post' | 'request'>) {
    this.#worker = worker
  }

  enter({ urgent = false, lock }: Entrance = {}): Turn {
    const place = newPlace(lock)
    const queue = urgent ? this.#urgent : this.#queue
    if (this.#refusal) place.begin.reject(again(this.#refusal))
    else if (queue.length >= this.#mostWaiting) place.begin.reject(this.#tooMany())
    else queue.push(place)
    this.#running ??= this.#run().finally(() => (this.#running = null))
    return place
  }

  /** Called with every error of a query: some mean that nothing may be written any more. */
  noticed(error: unknown): void {
    if (!(error instanceof StoreError)) return
    if (error.code === 'io' || error.code === 'corrupt') this.#refusal ??= error
  }

  /** As many as can be committed while one may be kept waiting. */
  get #mostWaiting(): number {
    const { work, flush } = this.#pace
    const perBatch = Math.min(batchSize, Math.ceil(batchTimeFor(flush) / work))
    const rate = this.#rate ?? perBatch / (perBatch * work + flush)
    return Math.max(alwaysTaken, Math.floor(rate * longestWait))
  }

  #tooMany(): StoreError {
    const flush = Math.round(this.#pace.flush)
    return new StoreError(
      'busy',
      `Too many writes wait for the disk, which takes ${flush} ms for a flush.`,
      'Nothing was kept; try again in a few seconds. When it goes on, the disk of the data directory is too slow: look at what else writes to it, or move the directory to an SSD.',
    )
  }

  /** Refuses new works, lets the ones that wait finish. */
  async close(): Promise<void> {
    await this.#running
    this.#refusal ??= storeError('closed', 'The database is closed.')
  }

  async #run(): Promise<void> {
    // Calls of the same tick join the first batch.
    await everythingThatCameIn()
    while (this.#urgent.length + this.#queue.length > 0) {
      if (this.#refusal) {
        const waiting = [...this.#urgent.splice(0), ...this.#queue.splice(0)]
        for (const place of waiting) place.begin.reject(again(this.#refusal))
        return
      }
      const count = await this.#batch()
      await (count < siblings ? everythingThatCameIn() : this.#gather())
    }
  }

  /**
   * Who was just answered asks again, most likely, while the next flush is under way; on a slow disk
   * all go together when that waits for them a little (`commit_delay` of PostgreSQL).
   */
  #gather(): Promise<void> {
    const time = Math.min(this.#pace.flush / 2, longestGathering)
    if (time < 1) return everythingThatCameIn()
    return new Promise((resolve) => setTimeout(resolve, time))
  }

  /** The next work, and those after it, in their order, that depend on nothing of each other. */
  #takeTogether(most: number): readonly Place[] {
    const held = new Set<string>()
    const together: Place[] = []
    while (together.length < most) {
      const queue = this.#urgent.length > 0 ? this.#urgent : this.#queue
      const [next] = queue
      if (!next) break
      const { lock } = next
      if (together.length > 0 && (!lock || lock.some((name) => held.has(name)))) break
      queue.shift()
      together.push(next)
      if (!lock) break
      for (const name of lock) held.add(name)
    }
    return together
  }

  /** How many works it had. */
  async #batch(): Promise<number> {
    const released: Place[] = []
    const start = performance.now()
    const time = batchTimeFor(this.#flushTime)
    let count = 0
    while (count < batchSize) {
      const together = this.#takeTogether(Math.min(mostTogether, batchSize - count))
      if (together.length === 0) break
      count += together.length
      this.#worker.post({ op: 'savepoint' })
      for (const { begin } of together) begin.resolve()
      const outcomes = await withinTime(together, this.patient ? null : workTime)
      if (together.some(({ touched }, at) => touched && outcomes[at] === 'rollback')) {
        this.#worker.post({ op: 'rollback' })
        for (const { durable } of together) durable.reject(new Again())
      } else {
        this.#worker.post({ op: 'release' })
        released.push(...together)
      }
      if (performance.now() - start > time) break
    }
    const flush = performance.now()
    try {
      await withDeadline(this.#worker.request({ op: 'commit' }))
      this.#flushTime = performance.now() - flush
      this.#pace.flush = (this.#pace.flush + this.#flushTime) / 2
      const rate = count / (performance.now() - start)
      this.#rate = this.#queue.length === 0 ? null : ((this.#rate ?? rate) + rate) / 2
      this.#pace.work = (this.#pace.work + (flush - start) / count) / 2
      // An I/O error that a work swallowed still makes its batch untrustworthy.
      if (this.#refusal) throw this.#refusal
      for (const { durable } of released) durable.resolve()
    } catch (error) {
      this.noticed(error)
      for (const { durable } of released) durable.reject(again(error))
    }
    return count
  }
}

const batchTimeFor = (flushTime: number) =>
  Math.min(Math.max(batchTime, flushTime), longestBatchTime)

/** What the sockets and the database's threads have to say already is heard first. */
const everythingThatCameIn = () => new Promise<void>((resolve) => setImmediate(resolve))

function newPlace(lock: Place['lock']): Place {
  const begin = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<Outcome>()
  const durable = Promise.withResolvers<void>()
  // Awaited by whoever ends the work; a work that never does must not crash the process.
  durable.promise.catch(() => {})
  let ended = false
  let touched = false
  void outcome.promise.then(() => (ended = true))
  return {
    lock,
    begin,
    outcome,
    durable,
    begun: begin.promise,
    get ended() {
      return ended
    },
    get touched() {
      return touched
    },
    touch() {
      touched = true
    },
    async end(how) {
      outcome.resolve(how)
      ended = true
      if (how === 'release') await durable.promise
    },
  }
}

async function withinTime(
  places: readonly Place[],
  limit: number | null,
): Promise<readonly Outcome[]> {
  if (limit === null) return Promise.all(places.map(({ outcome }) => outcome.promise))
  const timer = setTimeout(() => {
    for (const { ended, durable, outcome } of places) {
      if (ended) continue
      durable.reject(
        storeError('busy', `A write waited ${limit} ms for something but its own queries.`),
      )
      outcome.resolve('rollback')
    }
  }, limit)
  try {
    return await Promise.all(places.map(({ outcome }) => outcome.promise))
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
