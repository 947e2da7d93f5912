import { AsyncLocalStorage } from 'node:async_hooks'

export interface LotOptions<Q> {
  /** Two questions of one name are never in the same lot. */
  readonly nameOf?: (question: Q) => string
}

interface Asked<Q, A> {
  readonly question: Q
  readonly resolve: (answer: A) => void
  readonly reject: (error: unknown) => void
}

/** A power of two: see `padded`. */
const most = 32

/**
 * Asks the database for many at once what each would ask alone: while one lot is with it, those that
 * come make the next. Whoever comes alone waits for nobody. `answerAll` gives an answer for each
 * question, in order; when it rejects, all of that lot are told. It runs outside of any call, so
 * that none of them gives up for the others.
 */
export function inLots<Q, A>(
  answerAll: (questions: readonly Q[]) => Promise<readonly A[]>,
  { nameOf }: LotOptions<Q> = {},
): (question: Q) => Promise<A> {
  const outside = AsyncLocalStorage.snapshot()
  let waiting: Asked<Q, A>[] = []
  let underWay = false

  function take(): readonly Asked<Q, A>[] {
    const names = new Set<string>()
    const lot: Asked<Q, A>[] = []
    const left: Asked<Q, A>[] = []
    for (const one of waiting) {
      const name = nameOf?.(one.question)
      const fits = lot.length < most && !(name !== undefined && names.has(name))
      if (name !== undefined) names.add(name)
      ;(fits ? lot : left).push(one)
    }
    waiting = left
    return lot
  }

  async function work(): Promise<void> {
    underWay = true
    // Those that come in the same moment belong together.
    await Promise.resolve()
    while (waiting.length > 0) {
      const lot = take()
      try {
        const answers = await answerAll(lot.map(({ question }) => question))
        for (const [at, { resolve }] of lot.entries()) resolve(answers[at] as A)
      } catch (error) {
        for (const { reject } of lot) reject(error)
      }
    }
    underWay = false
  }

  return (question) =>
    new Promise<A>((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (!underWay) outside(() => void work())
    })
}

/**
 * The last one again until there are 1, 2, 4, 8 … of them, for a list of parameters: a statement is
 * prepared for each length that occurs.
 */
export function padded<T>(values: readonly T[]): T[] {
  const length = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)))
  const last = values.at(-1)
  if (last === undefined) return []
  return [...values, ...Array.from({ length: length - values.length }, () => last)]
}
