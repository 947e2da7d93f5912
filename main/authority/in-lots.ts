import { AsyncLocalStorage } from 'node:async_hooks'
import { ConstraintError, StoreError } from '../store/port.ts'

export interface LotOptions<Q> {
  /** Two questions of one name are never in the same lot. */
  readonly nameOf?: (question: Q) => string
}

interface Asked<Q, A> {
  readonly question: Q
  readonly resolve: (answer: A) => void
  readonly reject: (error: unknown) => void
}

const most = 32
/** Of which lengths lists of parameters are. */
const lengths = [1, 8, most, 256]

/**
 * Asks the database for many at once what each would ask alone: while one lot is with it, those that
 * come make the next. Whoever comes alone waits for nobody. `answerAll` gives an answer for each
 * question, in order. When the database is away, all of that lot are told; when it took offence at
 * something, each is asked alone, so that nobody suffers for another. It runs outside of any call:
 * none of them gives up for the others.
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

  async function answer(lot: readonly Asked<Q, A>[]): Promise<void> {
    try {
      const answers = await answerAll(lot.map(({ question }) => question))
      for (const [at, { resolve }] of lot.entries()) resolve(answers[at] as A)
    } catch (error) {
      if (lot.length === 1 || concernsAll(error)) for (const { reject } of lot) reject(error)
      else for (const one of lot) await answer([one])
    }
  }

  async function work(): Promise<void> {
    underWay = true
    // Those that come in the same moment belong together.
    await Promise.resolve()
    while (waiting.length > 0) await answer(take())
    underWay = false
  }

  return (question) =>
    new Promise<A>((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (!underWay) outside(() => void work())
    })
}

/** Rather than the one that it was about. */
const concernsAll = (error: unknown) =>
  error instanceof StoreError && !(error instanceof ConstraintError)

/**
 * The last one again until there are 1, 8, 32 or 256 of them, for a list of parameters: a statement
 * is prepared for each length that occurs, and there is room for so many.
 */
export function padded<T>(values: readonly T[]): T[] {
  const length = lengths.find((one) => one >= values.length) ?? values.length
  const last = values.at(-1)
  if (last === undefined) return []
  return [...values, ...Array.from({ length: length - values.length }, () => last)]
}
