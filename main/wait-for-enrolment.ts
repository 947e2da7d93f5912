import type { FaultCode } from '../preload/shown/fault.ts'
import { faultOf } from './start-files.ts'

/** A workstation that waits for its enrolment looks again after this, ms. */
const again = 15_000

export interface WaitForEnrolmentOptions {
  /** Rejects as long as this machine has no key of its authority. */
  readonly enrol: () => Promise<unknown>
  readonly startAnew: () => void
  /** What the screen says already. */
  readonly shown: FaultCode
  readonly show: (fault: ReturnType<typeof faultOf>) => void
}

/**
 * Starts Lanyard anew once this machine is enrolled: by a later attempt, by another token, or by
 * `lanyard enrol`. Meanwhile the screen says what keeps it. Returns the end of waiting.
 */
export function waitForEnrolment(options: WaitForEnrolmentOptions): () => void {
  const { enrol, startAnew, show } = options
  let { shown } = options
  let ended = false
  let timer = setTimeout(look, again)
  function look(): void {
    enrol().then(
      () => {
        if (!ended) startAnew()
      },
      (error: unknown) => {
        if (ended) return
        const fault = faultOf(error)
        // A spent token is gone at the next look: why it was refused has to stay on the screen.
        const forgets = shown === 'enrolment-refused' && fault.code === 'not-enrolled'
        if (fault.code !== shown && !forgets) {
          shown = fault.code
          show(fault)
        }
        timer = setTimeout(look, again)
      },
    )
  }
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
