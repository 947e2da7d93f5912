/** A sleep that ends early when its owner stops. */
export function createStopper() {
  let stopped = false
  let wake: (() => void) | null = null
  return {
    get stopped() {
      return stopped
    },
    stop() {
      stopped = true
      wake?.()
    },
    async sleep(ms: number): Promise<void> {
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = null
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
