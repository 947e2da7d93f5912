interface Batch {
  count: number
  closed: boolean
  readonly over: PromiseWithResolvers<void>
}

const newBatch = (): Batch => ({ count: 0, closed: false, over: Promise.withResolvers() })

/**
 * Counts what is under way, so that its end can be waited for. A `Set` of promises would do, but V8
 * links the table that a growing or shrinking one leaves behind to the next: whatever was in it looks
 * alive to the collections of young objects, and a busy service copied ten times what it kept.
 */
export class UnderWay {
  #batch = newBatch()
  #before: Promise<unknown> = Promise.resolve()

  /** Call what it returns when that which begins now is over. */
  enter(): () => void {
    const batch = this.#batch
    batch.count += 1
    return () => {
      batch.count -= 1
      if (batch.count === 0 && batch.closed) batch.over.resolve()
    }
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Resolves when all that has begun until now is over. */
  async ended(): Promise<void> {
    const batch = this.#batch
    this.#batch = newBatch()
    batch.closed = true
    if (batch.count === 0) batch.over.resolve()
    this.#before = Promise.all([this.#before, batch.over.promise])
    await this.#before
  }
}
