import { withDeadline } from './deadline.ts'
import { Overload } from './overload.ts'

export interface BoundOptions {
  /** Pieces of work at a time; one more is refused at once. */
  readonly limit: number
  /** Whoever waits hears `Overload` after so long, ms; the work keeps its place until it ends. */
  readonly answerWithin: number
  readonly onShed?: (reason: 'full' | 'slow') => void
}

export interface RunOptions {
  /** How much of the limit this work may use; above 1 it still gets in where other work does not. */
  readonly share?: number
  /** It is kept although nobody waits for it any more. */
  readonly lasting?: boolean
}

/** Bounds how much is done at a time and how long anybody waits for it. */
export interface Bound {
  /** Rejects with `Overload`, or as `work` does. */
  run<T>(work: () => Promise<T>, options?: RunOptions): Promise<T>
  /** Under way, what was given up included. */
  readonly underWay: number
}

export function createBound({ limit, answerWithin, onShed = () => {} }: BoundOptions): Bound {
  let underWay = 0
  return {
    get underWay() {
      return underWay
    },
    async run(work, { share = 1, lasting = false } = {}) {
      if (underWay >= Math.ceil(limit * share)) {
        onShed('full')
        throw new Overload('full')
      }
      underWay += 1
      const deadline = { passed: false, committed: false }
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        onShed('slow')
        if (lasting) return late.reject(new Overload('lasting'))
        deadline.passed = true
        late.reject(new Overload(deadline.committed ? 'unknown' : 'nothing'))
      }, answerWithin)
      const done = withDeadline(deadline, async () => work()).finally(() => {
        underWay -= 1
        clearTimeout(timer)
      })
      return Promise.race([done, late.promise])
    },
  }
}

/** Where nothing needs a bound, such as an authority with one agent. */
export const unbounded: Pick<Bound, 'run'> = { run: (work) => work() }
