import { breakLine, isHalf, noLines, silenceMs, splitLines, type Line } from './serial-lines.ts'
import type { SerialHandle } from './serial-port.ts'

/** A line with the time when its end was read, monotonic ms. */
export type TimedLine = Line & { readonly at: number }

/** `refused`: the reader says that it cannot; `malformed`: what came is no answer. */
export type SerialRequestFault = 'silent' | 'refused' | 'malformed' | 'ended'

/** A request without its answer. The port is still there, unless it `ended`. */
export class SerialRequestError extends Error {
  override readonly name = 'SerialRequestError'
  readonly code: SerialRequestFault
  constructor(code: SerialRequestFault, message: string) {
    super(message)
    this.code = code
  }
}

export interface SerialLinkOptions {
  readonly handle: SerialHandle
  /** Monotonic ms. */
  readonly now: () => number
  /** Characters of the longest line. */
  readonly limit: number
  /** What stands at the start of a line for long and is none: a prompt. */
  readonly prompt?: string
}

/**
 * Lines over an open port. One request is out at a time and gets the next line that it accepts; a
 * line that comes while none is out is a stray.
 */
export function createSerialLink({ handle, now, limit, prompt }: SerialLinkOptions) {
  let state = noLines
  let silence: NodeJS.Timeout | undefined
  let waiting: {
    readonly accepts: (line: Line) => boolean
    readonly settle: (answer: TimedLine | SerialRequestError) => void
  } | null = null
  let onStray: (line: TimedLine) => void = () => {}
  let onBytes: () => void = () => {}
  let endQuiet: () => void = () => {}
  let aborted = false

  function tell(line: Line) {
    const timed = { ...line, at: now() }
    if (!waiting) return onStray(timed)
    if (waiting.accepts(line)) waiting.settle(timed)
  }

  handle.onData((chunk) => {
    onBytes()
    const split = splitLines(state, chunk, limit)
    state = split.state
    for (const line of split.lines) tell(line)
    clearTimeout(silence)
    if (!isHalf(state)) return
    silence = setTimeout(() => {
      if (state.held === prompt) return
      state = breakLine(state)
      tell({ type: 'malformed' })
    }, silenceMs)
  })

  const send = (text: string) => void handle.write(Buffer.from(text, 'latin1')).catch(() => {})

  return {
    onStray(listener: (line: TimedLine) => void) {
      onStray = listener
    },
    /** Rejects with `silent` when nothing that `accepts` takes comes for `ms`. */
    async request(
      text: string,
      ms: number,
      accepts: (line: Line) => boolean = () => true,
    ): Promise<TimedLine> {
      if (aborted) throw ended()
      if (waiting) throw new Error('A request is out already; one is expected at a time.')
      const answer = await new Promise<TimedLine | SerialRequestError>((resolve) => {
        const timer = setTimeout(() => {
          settle(new SerialRequestError('silent', `No answer within ${ms} ms.`))
        }, ms)
        const settle = (given: TimedLine | SerialRequestError) => {
          clearTimeout(timer)
          waiting = null
          resolve(given)
        }
        waiting = { accepts, settle }
        // A port that takes nothing is one that does not answer.
        send(text)
      })
      if (answer instanceof SerialRequestError) throw answer
      return answer
    },
    /** Sends what has no answer, or one that is a stray. */
    send,
    /** Drops what comes until nothing has come for `ms`, for `atMostMs` at most; lines begin anew. */
    async quiet(ms: number, atMostMs: number): Promise<void> {
      if (aborted) throw ended()
      const strays = onStray
      onStray = () => {}
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          clearTimeout(last)
          resolve()
        }
        let timer = setTimeout(end, ms)
        const last = setTimeout(end, atMostMs)
        endQuiet = end
        onBytes = () => {
          clearTimeout(timer)
          timer = setTimeout(end, ms)
        }
      })
      onBytes = () => {}
      onStray = strays
      clearTimeout(silence)
      state = noLines
    },
    /** What has begun is dropped up to its end. */
    breakOff() {
      state = breakLine(state)
    },
    /** Ends a request that is out and refuses others: the port is gone, or the reader is to stop. */
    abort() {
      aborted = true
      waiting?.settle(ended())
      endQuiet()
    },
    /** Takes requests again, to give the reader back. */
    resume() {
      aborted = false
    },
  }
}
const ended = () => new SerialRequestError('ended', 'The port is being closed.')

export type SerialLink = ReturnType<typeof createSerialLink>
