import { faultOf } from './start-files.ts'

/** A workstation that cannot start looks again after this, ms. */
const again = 15_000

type Fault = ReturnType<typeof faultOf>

export interface WaitForMendingOptions {
  /** Rejects as long as Lanyard cannot start. */
  readonly attempt: () => Promise<unknown>
  readonly startAnew: () => void
  /** What the screen says already. */
  readonly shown: Fault
  readonly show: (fault: Fault) => void
}

/**
 * Starts Lanyard anew once what kept it is mended: by a later attempt, by another token, by
 * `lanyard enrol`, or by a file that is good now. Meanwhile the screen says what keeps it. Returns
 * the end of waiting.
 */
export function waitForMending(options: WaitForMendingOptions): () => void {
  const { attempt, startAnew, show } = options
  let { shown } = options
  let ended = false
  let timer = setTimeout(look, again)
  function look(): void {
    attempt().then(
      () => {
        if (!ended) startAnew()
      },
      (error: unknown) => {
        if (ended) return
        const fault = faultOf(error)
        if (isNews(fault, shown)) {
          shown = fault
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

function isNews(fault: Fault, shown: Fault): boolean {
  // Whoever mends a file needs to know what is wrong with it now.
  if (fault.code === shown.code)
    return fault.code === 'configuration' && fault.detail !== shown.detail
  // A spent token is gone at the next look: why it was refused has to stay on the screen.
  return !(shown.code === 'enrolment-refused' && fault.code === 'not-enrolled')
}
