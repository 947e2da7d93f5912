import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { Machines } from './index.ts'

/** Looks again and again, one look at a time; returns the end of it. */
export function watchMachines(
  { look }: Pick<Machines, 'look'>,
  { every = 1_000 }: { readonly every?: number } = {},
): () => Promise<void> {
  let stopped = false
  let last = Promise.resolve()
  let failing = false
  const timer = setInterval(() => {
    if (stopped || busy) return
    busy = true
    last = once().finally(() => (busy = false))
  }, every)
  let busy = false

  async function once(): Promise<void> {
    try {
      await look()
      failing = false
    } catch (error) {
      // Said once: the next look is a second away.
      if (!failing) log('warn', 'machines-not-watched', describeError(error))
      failing = true
    }
  }

  return async () => {
    stopped = true
    clearInterval(timer)
    await last
  }
}
