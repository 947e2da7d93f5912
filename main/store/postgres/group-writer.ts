import type { Tx } from '../port.ts'
import { postgresError } from './errors.ts'

/** Works in one transaction at most. */
const most = 32
/** What takes longer, ms, waits for a lock of another node or a slow flush, and has its lane no more. */
const patience = 250

type Work = (tx: Tx) => Promise<unknown>

/** A write that names what it depends on, and who waits for it. */
interface Entry {
  readonly work: Work
  readonly lock: readonly string[]
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly late: NodeJS.Timeout
}

export interface GroupWriterOptions {
  /** Transactions at a time; who comes meanwhile waits, and then goes together with others. */
  readonly lanes: number
  /** How many may wait; one more is refused with `busy`. */
  readonly maxWaiting: number
  /** How long one waits before it is refused with `busy`, ms. */
  readonly waitTimeout: number
  /**
   * All works in one transaction: what came of each, in their order, once the others are kept; or
   * null when nothing was kept and each has to run alone. Rejects when that would not help, or when
   * nobody knows what was kept.
   */
  readonly runTogether: (
    works: readonly Work[],
    lock: readonly string[],
  ) => Promise<readonly PromiseSettledResult<unknown>[] | null>
  readonly runAlone: (work: Work, lock: readonly string[]) => Promise<unknown>
}

/**
 * Named writes that depend on nothing of each other share transactions while the database is busy:
 * begin, locks, round trips and the flush cost as much for many as for one. Nobody overtakes one who
 * names the same.
 */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  readonly #waiting = new Set<Entry>()
  /** Names of those that run. */
  readonly #held = new Set<string>()
  #running = 0
  #looking = false

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  write<T>(work: (tx: Tx) => Promise<T>, lock: readonly string[]): Promise<T> {
    const { maxWaiting, waitTimeout } = this.#options
    if (this.#waiting.size >= maxWaiting)
      return Promise.reject(postgresError('busy', 'Too many wait for the database.'))
    return new Promise<T>((resolve, reject) => {
      const late = setTimeout(() => {
        if (this.#waiting.delete(entry))
          reject(postgresError('busy', 'The database had no turn free in time.'))
      }, waitTimeout)
      const entry: Entry = { work, lock, resolve: resolve as Entry['resolve'], reject, late }
      this.#waiting.add(entry)
      if (this.#looking) return
      this.#looking = true
      // Not before all that came in at the same time is there.
      setImmediate(() => {
        this.#looking = false
        this.#fill()
      })
    })
  }

  #fill(): void {
    while (this.#running < this.#options.lanes) {
      const group = this.#take()
      if (group.length === 0) return
      for (const { lock } of group) for (const name of lock) this.#held.add(name)
      this.#running += 1
      let left = false
      const leaveLane = () => {
        if (left) return
        left = true
        this.#running -= 1
        this.#fill()
      }
      const slow = setTimeout(leaveLane, patience)
      void this.#run(group, leaveLane).finally(() => {
        clearTimeout(slow)
        leaveLane()
      })
    }
  }

  /** Its names are free for whoever waits. */
  #release({ lock }: Entry): void {
    for (const name of lock) this.#held.delete(name)
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size
  }

  #take(): readonly Entry[] {
    const group: Entry[] = []
    const passed = new Set(this.#held)
    for (const entry of this.#waiting) {
      if (group.length === most) break
      if (!entry.lock.some((name) => passed.has(name))) {
        group.push(entry)
        this.#waiting.delete(entry)
        clearTimeout(entry.late)
      }
      for (const name of entry.lock) passed.add(name)
    }
    return group
  }

  /** `leaveLane`: what is left to do holds up nobody who names something else. */
  async #run(group: readonly Entry[], leaveLane: () => void): Promise<void> {
    const { runTogether, runAlone } = this.#options
    const alone = async (entry: Entry) => {
      await runAlone(entry.work, entry.lock).then(entry.resolve, entry.reject)
      this.#release(entry)
      this.#fill()
    }
    const [only, ...others] = group
    if (only && others.length === 0) return alone(only)
    const settle = (by: (entry: Entry, at: number) => void) => {
      for (const [at, entry] of group.entries()) {
        by(entry, at)
        this.#release(entry)
      }
    }
    try {
      const outcomes = await runTogether(
        group.map(({ work }) => work),
        [...new Set(group.flatMap(({ lock }) => lock))],
      )
      if (!outcomes) {
        leaveLane()
        await Promise.all(group.map(alone))
        return
      }
      settle(({ resolve, reject }, at) => {
        const outcome = outcomes[at]
        if (outcome?.status === 'fulfilled') resolve(outcome.value)
        else reject(outcome?.reason)
      })
    } catch (error) {
      settle(({ reject }) => reject(error))
    }
  }
}
