import { readerMessageSchema } from '../badge/reader-messages.ts'
import type { ReaderCommand, ReaderMessage, ReaderState } from '../badge/reader-messages.ts'
import { realTimers, stopChild } from './child-process.ts'
import type { ChildProcess, Timers } from './child-process.ts'

export interface ReaderHostOptions {
  readonly fork: () => ChildProcess
  readonly configure: Extract<ReaderCommand, { type: 'configure' }>
  readonly onTap: (tap: Extract<ReaderMessage, { type: 'tap' }>) => void
  readonly onTwoBadges: (reader: string) => void
  readonly onState: (reader: string, state: ReaderState) => void
  readonly onProcess: (state: 'started' | 'exited' | 'failed', detail: string) => void
  readonly now: () => number
  readonly timers?: Timers
}

const backoff = { first: 250, longest: 30_000, calm: 60_000 }
const patience = 2_000

/**
 * Keeps the reader process alive: native code there may crash or hang without taking the lock
 * screen along. What it says is parsed; what fits no schema is dropped, not believed.
 */
export const startReaderHost = (options: ReaderHostOptions) => {
  const { fork, configure, onState, onProcess, now, timers = realTimers } = options
  let child: ChildProcess | null = null
  let timer: unknown = null
  let crashes = 0
  let stopping = false
  const readers = new Map<string, ReaderState>()

  const heed = (message: ReaderMessage) => {
    switch (message.type) {
      case 'tap':
        return options.onTap(message)
      case 'two-badges':
        return options.onTwoBadges(message.reader)
      case 'reader':
        readers.set(message.reader, message.state)
        return onState(message.reader, message.state)
      case 'gone':
        return
    }
  }

  const start = () => {
    const startedAt = now()
    const started = fork()
    child = started
    onProcess('started', '')
    started.on('message', (data) => {
      const message = readerMessageSchema.safeParse(data)
      if (message.success) heed(message.data)
      else onProcess('failed', 'A message of the reader process fits no schema; it was dropped.')
    })
    started.on('exit', (code) => {
      if (child === started) child = null
      if (stopping) return
      if (now() - startedAt > backoff.calm) crashes = 0
      const wait = Math.min(backoff.longest, backoff.first * 2 ** Math.min(crashes, 10))
      crashes += 1
      onProcess('exited', `code ${code}; starts again in ${wait} ms`)
      for (const reader of readers.keys()) onState(reader, 'silent')
      if (readers.size === 0) onState('none', 'silent')
      timer = timers.setTimeout(start, wait)
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    started.postMessage(configure)
  }
  start()

  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    send: (command: ReaderCommand): void => child?.postMessage(command),
    async dispose(): Promise<void> {
      stopping = true
      timers.clearTimeout(timer)
      if (child !== null) await stopChild(child, { patience, timers })
    },
  }
}
