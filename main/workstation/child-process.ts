/** What the hosts use of Electron's `UtilityProcess`. */
export interface ChildProcess {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  kill(): boolean
}

/** Timers passed in, so that tests need not wait. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

export const realTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** Asks a child to finish; after `patience` ms it is killed. Resolves when it is gone. */
export const stopChild = async (
  child: ChildProcess,
  { patience, timers }: { readonly patience: number; readonly timers: Timers },
): Promise<void> => {
  const gone = new Promise<void>((resolve) => void child.on('exit', () => resolve()))
  const timer = timers.setTimeout(() => child.kill(), patience)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  child.postMessage({ type: 'stop' })
  await gone
  timers.clearTimeout(timer)
}
