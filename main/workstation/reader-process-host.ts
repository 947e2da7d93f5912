import { z } from 'zod'
import type { ReaderCommand } from '../badge/reader-messages.ts'
import { realTimers, stopChild } from './child-process.ts'
import type { ChildProcess, Timers } from './child-process.ts'

export interface ReaderProcessOptions {
  readonly fork: () => ChildProcess
  readonly configure: Omit<Extract<ReaderCommand, { type: 'configure' }>, 'avoid'>
  readonly onMessage: (data: unknown) => void
  readonly onProcess: (state: 'started' | 'exited', detail: string) => void
  readonly now: () => number
  readonly timers?: Timers
}

const backoff = { first: 250, longest: 30_000, calm: 60_000 }
const patience = 2_000
/** How long a reader is left alone whose opening brought the process down: 30 s, then twice as long. */
const avoidance = { first: 30_000, longest: 30 * 60_000 }

/** Only what the blame for a crash is read from; the rest is the host's. */
const aboutReader = z.object({ type: z.enum(['opening', 'opened']), reader: z.string() })

/**
 * Keeps one reader process alive. One that dies while it opens a reader died of that reader, which
 * is left alone for a while, so that the others are served.
 */
export const startReaderProcess = (options: ReaderProcessOptions) => {
  const { fork, configure, onMessage, onProcess, now, timers = realTimers } = options
  let child: ChildProcess | null = null
  let restart: unknown = null
  let pardon: unknown = null
  let crashes = 0
  let stopping = false
  let inspect: Extract<ReaderCommand, { type: 'inspect' }> | null = null
  const opening = new Set<string>()
  const avoided = new Map<string, { readonly until: number; readonly wait: number }>()

  const post = (command: ReaderCommand) =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    child?.postMessage(command)
  const tellAvoided = () => {
    const avoid = [...avoided].flatMap(([reader, { until }]) => (until > now() ? [reader] : []))
    post({ ...configure, avoid: avoid.slice(0, 32) })
    timers.clearTimeout(pardon)
    const next = Math.min(
      ...[...avoided.values()].map(({ until }) => until - now()).filter((ms) => ms > 0),
    )
    if (Number.isFinite(next)) pardon = timers.setTimeout(tellAvoided, next + 1)
  }

  const start = () => {
    const startedAt = now()
    const started = fork()
    child = started
    opening.clear()
    onProcess('started', '')
    started.on('message', (data) => {
      const about = aboutReader.safeParse(data)
      if (about.success) {
        const { type, reader } = about.data
        if (type === 'opening') opening.add(reader)
        else opening.delete(reader)
      }
      onMessage(data)
    })
    started.on('exit', (code) => {
      if (child === started) child = null
      if (stopping) return
      for (const reader of opening) {
        const wait = Math.min(
          avoidance.longest,
          2 * (avoided.get(reader)?.wait ?? avoidance.first / 2),
        )
        avoided.set(reader, { until: now() + wait, wait })
      }
      if (now() - startedAt > backoff.calm) crashes = 0
      const wait = Math.min(backoff.longest, backoff.first * 2 ** Math.min(crashes, 10))
      crashes += 1
      onProcess('exited', `code ${code}; starts again in ${wait} ms`)
      restart = timers.setTimeout(start, wait)
    })
    tellAvoided()
    if (inspect) post(inspect)
  }
  start()

  return {
    send(command: ReaderCommand): void {
      if (command.type === 'inspect') inspect = command.on ? command : null
      post(command)
    },
    async dispose(): Promise<void> {
      stopping = true
      timers.clearTimeout(restart)
      timers.clearTimeout(pardon)
      if (child !== null) await stopChild(child, { patience, timers })
    },
  }
}
