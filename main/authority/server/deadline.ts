import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '../../store/port.ts'
import { Overload } from './overload.ts'

/** How long somebody waits for a piece of work, and what it has done by then. */
export interface Deadline {
  /** Whoever waited was told that it is given up, so nothing more of it may be kept. */
  passed: boolean
  /** A write of it went on to its commit, so something of it may be kept. */
  committed: boolean
}

const current = new AsyncLocalStorage<Deadline>()

/** Runs `work`; writes that it begins on a database of `keepDeadlines` heed the deadline. */
export const withDeadline = <T>(deadline: Deadline, work: () => Promise<T>): Promise<T> =>
  current.run(deadline, work)

/** Whether whoever waits for what runs now has been told that it is given up, whenever it is asked. */
export function watchDeadline(): () => boolean {
  const deadline = current.getStore()
  return () => deadline?.passed === true
}

/**
 * A database on which work that was given up keeps nothing: the deadline is looked at as the last
 * thing before each commit, and then the write rolls back and rejects with `Overload`. What is in
 * the commit itself at that moment can still be kept.
 */
export function keepDeadlines(db: Database): Database {
  return {
    read: db.read,
    close: () => db.close(),
    async write(work, options) {
      const deadline = current.getStore()
      if (!deadline) return db.write(work, options)
      const heed = (): void => {
        if (deadline.passed) throw new Overload('nothing')
      }
      heed()
      return db.write(async (tx) => {
        heed()
        const value = await work(tx)
        heed()
        deadline.committed = true
        return value
      }, options)
    },
  }
}
