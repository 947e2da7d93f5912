import { setTimeout as pause } from 'node:timers/promises'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'

/** No step may take longer, ms: a database that is away must not keep a node from ending. */
const longestStep = 4_000

export interface StopOptions {
  /** Load balancers look at readiness now and then: so long nothing changes but that, ms. */
  readonly notice: number
  readonly steps: readonly (() => Promise<unknown>)[]
}

/** Runs the steps one after another, whatever becomes of each; false when one failed. */
export async function stopInOrder({ notice, steps }: StopOptions): Promise<boolean> {
  await pause(notice)
  let clean = true
  for (const step of steps)
    try {
      await within(step())
    } catch (error) {
      clean = false
      log('error', 'stop-incomplete', describeError(error))
    }
  return clean
}

async function within(step: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('It took too long.')), longestStep)
  try {
    await Promise.race([step, promise])
  } finally {
    clearTimeout(timer)
  }
}
