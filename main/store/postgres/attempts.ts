import { setTimeout as delay } from 'node:timers/promises'
import { Conflict, postgresError } from './errors.ts'

/** Tried side by side with all others; what loses more often waits for its turn. */
const sideBySide = 3
const inTurn = 16

/**
 * Runs work again that lost against others. What keeps losing goes on one at a time in this
 * process, so that many who want the same row get it one after another instead of none.
 */
export class Attempts {
  #turn: Promise<void> = Promise.resolve()

  /** `run` rejects with `Conflict` when it is to be run again; then with `busy`, some day. */
  async run<T>(run: () => Promise<T>, onRetry: () => void): Promise<T> {
    for (let attempt = 0; attempt < sideBySide; attempt++) {
      const result = await unlessConflict(run)
      if (result) return result.value
      onRetry()
      await delay(Math.random() * 4 * 2 ** attempt)
    }
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    try {
      for (let attempt = 0; attempt < inTurn; attempt++) {
        const result = await unlessConflict(run)
        if (result) return result.value
        onRetry()
        await delay(Math.random() * Math.min(2 ** attempt, 64))
      }
    } finally {
      resolve()
    }
    throw postgresError('busy', 'Too many changed the same at the same time.')
  }
}

async function unlessConflict<T>(run: () => Promise<T>): Promise<{ readonly value: T } | null> {
  try {
    return { value: await run() }
  } catch (error) {
    if (error instanceof Conflict) return null
    throw error
  }
}
