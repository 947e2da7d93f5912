/**
 * Makes one run of many wishes: at once after a rest, and then at most one every `pause` ms, never
 * two at a time. A wish that comes while one runs is for the next. `run` handles its own errors.
 */
export function coalesce(run: () => Promise<void>, pause: number) {
  let wanted = false
  let busy = false
  let disposed = false
  let last = Promise.resolve()

  async function work(): Promise<void> {
    while (wanted) {
      wanted = false
      await run()
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    }
    busy = false
  }

  return {
    want(): void {
      if (disposed) return
      wanted = true
      if (busy) return
      busy = true
      last = work()
    },
    /** What runs ends first. */
    async dispose(): Promise<void> {
      disposed = true
      wanted = false
      await last
    },
  }
}
