import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'

const every = 1_000

/** Looks every second, one look at a time; a failure is logged once until the next success. */
export function startRounds({ look }: { readonly look: () => Promise<unknown> }): {
  stop(): Promise<void>
} {
  let running: Promise<void> | null = null
  let failing = false
  async function round(): Promise<void> {
    try {
      await look()
      failing = false
    } catch (error) {
      if (!failing) log('error', 'look-failed', describeError(error))
      failing = true
    }
    running = null
  }
  const timer = setInterval(() => (running ??= round()), every)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
