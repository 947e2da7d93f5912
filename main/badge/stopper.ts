/** A sleep that ends early when its owner stops, or is woken. */
export function createStopper() {
  let stopped = false
  let wake: (() => void) | null = null
  const until = (ms: number, wakeable: boolean) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms)
      function done() {
        clearTimeout(timer)
        wake = null
        ended.delete(done)
        resolve()
      }
      ended.add(done)
      if (wakeable) wake = done
    })
  const ended = new Set<() => void>()
  return {
    get stopped() {
      return stopped
    },
    stop() {
      stopped = true
      for (const end of ended) end()
    },
    /** Ends a sleep, if there is one. */
    wake() {
      wake?.()
    },
    async sleep(ms: number): Promise<void> {
      if (!stopped) await until(ms, true)
    },
    /** A sleep that only `stop` ends early. */
    async pause(ms: number): Promise<void> {
      if (!stopped) await until(ms, false)
    },
  }
}

/** What `work` resolves to, or `late` when it takes longer than `ms`; it is not cancelled. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
