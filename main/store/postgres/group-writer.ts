import type { Tx } from '../port.ts'
import { postgresError } from './errors.ts'

/** Works in one transaction at most. */
const most = 64
/**
 * A transaction at a time, so that many writes share it. But one that takes longer, ms, waits for
 * another node's lock, and one whose flush takes longer has nothing left to do: the next begins
 * beside it.
 */
const patience = 25
const flushPatience = 2

type Work = (tx: Tx) => Promise<unknown>

/** A write that names what it depends on, and who waits for it. */
interface Entry {
  readonly work: Work
  readonly lock: readonly string[]
  readonly urgent: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** When it has waited too long, by the monotonic clock, ms. */
  readonly until: number
}

/** What those who wait must know of a transaction. */
interface Stages {
  /** What is left to do holds up nobody who names something else. */
  readonly leave: () => void
  /** Nothing is left to do but to commit. */
  readonly flushing: () => void
}

export interface GroupWriterOptions {
  /** Transactions at a time, those included that nobody waits for any more. */
  readonly mostGroups: number
  /** How many may wait, and as many urgent ones; one more is refused with `busy`. */
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
  /** In the order in which they came. An array, no set: see `UnderWay`. */
  #waiting: readonly Entry[] = []
  /** Names of those that run. */
  readonly #held = new Set<string>()
  /** Nothing more begins, for a moment. */
  #occupied = false
  #groups = 0
  /** For the one that has waited longest. */
  #late: NodeJS.Timeout | null = null
  #looking = false

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  /**
   * `urgent`: goes before the others, together with those that came before it and name the same, and
   * is still taken where others are refused.
   */
  write<T>(
    work: (tx: Tx) => Promise<T>,
    { lock, urgent = false }: { readonly lock: readonly string[]; readonly urgent?: boolean },
  ): Promise<T> {
    const { maxWaiting, waitTimeout } = this.#options
    if (this.#waiting.filter((one) => one.urgent === urgent).length >= maxWaiting)
      return Promise.reject(postgresError('busy', 'Too many wait for the database.'))
    return new Promise<T>((resolve, reject) => {
      const until = performance.now() + waitTimeout
      const entry = { work, lock, urgent, resolve: resolve as Entry['resolve'], reject, until }
      this.#waiting = [...this.#waiting, entry]
      if (!this.#late) this.#late = setTimeout(() => this.#giveUp(), waitTimeout).unref()
      if (this.#looking) return
      this.#looking = true
      // Not before all that came in at the same time is there.
      setImmediate(() => {
        this.#looking = false
        this.#fill()
      })
    })
  }

  /** One timer for all: they wait equally long, in the order in which they came. */
  #giveUp(): void {
    const now = performance.now()
    const late = this.#waiting.filter(({ until }) => until <= now)
    this.#waiting = this.#waiting.filter(({ until }) => until > now)
    const [next] = this.#waiting
    const wait = next && Math.ceil(next.until - now)
    this.#late = wait === undefined ? null : setTimeout(() => this.#giveUp(), wait).unref()
    for (const { reject } of late)
      reject(postgresError('busy', 'The database had no turn free in time.'))
    // Who waited for their names.
    if (late.length > 0) this.#fill()
  }

  #fill(): void {
    while (!this.#occupied && this.#groups < this.#options.mostGroups) {
      const group = this.#take()
      if (group.length === 0) return
      for (const { lock } of group) for (const name of lock) this.#held.add(name)
      this.#occupied = true
      this.#groups += 1
      let left = false
      const leave = () => {
        if (left) return
        left = true
        this.#occupied = false
        this.#fill()
      }
      let timer = setTimeout(leave, patience)
      const flushing = () => {
        clearTimeout(timer)
        if (!left) timer = setTimeout(leave, flushPatience)
      }
      void this.#run(group, { leave, flushing }).finally(() => {
        clearTimeout(timer)
        this.#groups -= 1
        leave()
        // Who waits for one of its names; it may have left long before.
        this.#fill()
      })
    }
  }

  /** Its names are free for whoever waits. */
  #release(lock: readonly string[]): void {
    for (const name of lock) this.#held.delete(name)
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  #take(): readonly Entry[] {
    const group: Entry[] = []
    const passed = new Set(this.#held)
    for (const entry of urgentFirst(this.#waiting)) {
      const { lock } = entry
      if (group.length < most && !lock.some((name) => passed.has(name))) group.push(entry)
      for (const name of lock) passed.add(name)
    }
    const gone = new Set(group)
    this.#waiting = this.#waiting.filter((entry) => !gone.has(entry))
    return group
  }

  async #run(group: readonly Entry[], { leave, flushing }: Stages): Promise<void> {
    const { runTogether, runAlone } = this.#options
    const alone = async ({ work, lock, resolve, reject }: Entry, told: () => void) => {
      await runAlone(telling(work, told), lock).then(resolve, reject)
      this.#release(lock)
      this.#fill()
    }
    const [only, ...others] = group
    if (only && others.length === 0) return alone(only, flushing)
    const settle = (by: (entry: Entry, at: number) => void) => {
      for (const [at, entry] of group.entries()) {
        by(entry, at)
        this.#release(entry.lock)
      }
    }
    let open = group.length
    const worked = () => {
      open -= 1
      if (open === 0) flushing()
    }
    try {
      const outcomes = await runTogether(
        group.map(({ work }) => telling(work, worked)),
        [...new Set(group.flatMap(({ lock }) => lock))],
      )
      if (!outcomes) {
        leave()
        await Promise.all(group.map((entry) => alone(entry, () => {})))
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

/** Whoever an urgent one would overtake although they name the same goes with it, before it. */
function urgentFirst(waiting: readonly Entry[]): readonly Entry[] {
  if (!waiting.some(({ urgent }) => urgent)) return waiting
  const names = new Set<string>()
  const first = new Set<Entry>()
  for (const entry of waiting.toReversed())
    if (entry.urgent || entry.lock.some((name) => names.has(name))) {
      first.add(entry)
      for (const name of entry.lock) names.add(name)
    }
  return [...waiting.filter((one) => first.has(one)), ...waiting.filter((one) => !first.has(one))]
}

/** `told` each time that it is over: a work may run again. */
const telling =
  (work: Work, told: () => void): Work =>
  (tx) =>
    work(tx).finally(told)
