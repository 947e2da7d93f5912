import { percentile } from './figures.ts'

export interface Driven {
  /** Milliseconds of each that succeeded. */
  readonly times: readonly number[]
  readonly seconds: number
  /** How often each failure came, by its code. */
  readonly failures: Readonly<Record<string, number>>
}

export const summary = ({ times, seconds }: Driven) => ({
  perSecond: times.length / seconds,
  p50: percentile(times, 0.5),
  p99: percentile(times, 0.99),
})

type Work = (index: number, lane: number) => Promise<void>

export const failuresOf = ({ failures }: Driven) =>
  Object.values(failures).reduce((sum, count) => sum + count, 0)

const codeOf = (error: unknown) =>
  error instanceof Error ? ((error as { code?: string }).code ?? error.message) : String(error)

export interface ClosedLoopOptions {
  /** At most so many. */
  readonly count: number
  readonly lanes: number
  /** None begins after so long. */
  readonly seconds?: number
}

/** Closed loop: `lanes` at a time, each begins its next one when its last is over. */
export async function closedLoop(options: ClosedLoopOptions, work: Work): Promise<Driven> {
  const { count, lanes, seconds = Infinity } = options
  const times: number[] = []
  const failures: Record<string, number> = {}
  let next = 0
  const begun = performance.now()
  async function lane(at: number): Promise<void> {
    while (next < count && performance.now() - begun < seconds * 1000) {
      const index = next++
      const start = performance.now()
      try {
        await work(index, at)
        times.push(performance.now() - start)
      } catch (error) {
        const code = codeOf(error)
        failures[code] = (failures[code] ?? 0) + 1
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)))
  return { times, seconds: (performance.now() - begun) / 1000, failures }
}

export interface OpenLoopOptions {
  readonly perSecond: number
  readonly seconds: number
  /** Called once a second with the seconds gone by. */
  readonly onSecond?: (second: number) => void
}

/**
 * Open loop: one begins whenever its time has come, whatever became of those before, and its time
 * counts from when it was due, so that waiting is not left out (coordinated omission).
 */
export async function openLoop(options: OpenLoopOptions, work: Work): Promise<Driven> {
  const { perSecond, seconds, onSecond = () => {} } = options
  const times: number[] = []
  const failures: Record<string, number> = {}
  const underWay = new Set<Promise<void>>()
  const count = Math.round(perSecond * seconds)
  const begun = performance.now()
  let told = 0
  async function one(index: number, due: number): Promise<void> {
    try {
      await work(index, index)
      times.push(performance.now() - due)
    } catch (error) {
      const code = codeOf(error)
      failures[code] = (failures[code] ?? 0) + 1
    }
  }
  for (let at = 0; at < count;) {
    const gone = performance.now() - begun
    while (at < count && (at * 1000) / perSecond <= gone) {
      const done = one(at, begun + (at * 1000) / perSecond).finally(() => underWay.delete(done))
      underWay.add(done)
      at += 1
    }
    if (Math.floor(gone / 1000) > told) onSecond((told = Math.floor(gone / 1000)))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(underWay)
  return { times, seconds: (performance.now() - begun) / 1000, failures }
}
