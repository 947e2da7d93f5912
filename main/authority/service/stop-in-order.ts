import { setTimeout as pause } from 'node:timers/promises'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'

/** No step may take longer, ms: a database that is away must not keep a node from ending. */
const longestStep = 4_000

export interface StopOptions {
  /** Load balancers look at readiness now and then: so long nothing changes but that, ms. */
  readonly notice: number
  /** Before the steps: lets agents go. */
  readonly drain: { readonly work: () => Promise<unknown>; readonly within: number }
  readonly steps: readonly (() => Promise<unknown>)[]
}

/** Runs the steps one after another, whatever becomes of each; false when one failed. */
export async function stopInOrder({ notice, drain, steps }: StopOptions): Promise<boolean> {
  await pause(notice)
  let clean = true
  for (const { work, within } of [drain, ...steps.map((work) => ({ work, within: longestStep }))])
    try {
      await ended(work(), within)
    } catch (error) {
      clean = false
      log('error', 'stop-incomplete', describeError(error))
    }
  return clean
}

async function ended(step: Promise<unknown>, within: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('It took too long.')), within)
  try {
    await Promise.race([step, promise])
  } finally {
    clearTimeout(timer)
  }
}
