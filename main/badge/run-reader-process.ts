import { createReaderHost } from './reader-host.ts'
import type { ReaderSource } from './reader.ts'
import { monotonicNow, readerCommandSchema, readerMessageSchema } from './reader-messages.ts'

/** The part of Electron's `process.parentPort` that the reader process uses. */
export interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
}

export interface ReaderProcessOptions {
  readonly source: ReaderSource
  readonly parentPort: ParentPort
  readonly now?: () => number
  /** Where the end of the parent, or its wish, is heard. */
  readonly signals?: Pick<NodeJS.Process, 'once'>
  /** `hung`: a native request never returns and would hold up an orderly exit. */
  readonly leave?: (outcome: { readonly hung: boolean }) => void
}

/**
 * Serves the readers of one transport to the parent (reader-messages.ts). Starts with the first
 * `configure`; gives the readers back and leaves on `stop`, on SIGTERM, or when the parent is gone.
 */
export function runReaderProcess({
  source,
  parentPort,
  now = monotonicNow,
  signals = process,
  leave = leaveProcess,
}: ReaderProcessOptions): { stop(): Promise<void> } {
  const host = createReaderHost({
    source,
    now,
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    send: (message) => parentPort.postMessage(readerMessageSchema.parse(message)),
  })
  let leaving: Promise<void> | null = null
  const stop = () => (leaving ??= host.stop().then(leave))

  parentPort.on('message', ({ data }) => {
    const command = readerCommandSchema.safeParse(data)
    // The parent is our own code: a wrong command is a bug to find in the log, not to die of.
    if (!command.success) return console.error('reader: ignored a command that fits no schema')
    if (command.data.type === 'stop') return void stop()
    return host.obey(command.data)
  })
  for (const signal of ['disconnect', 'SIGTERM', 'SIGINT']) signals.once(signal, () => void stop())
  return { stop }
}

function leaveProcess({ hung }: { readonly hung: boolean }): void {
  // An orderly exit joins the thread that hangs in the driver.
  if (hung) process.kill(process.pid, 'SIGKILL')
  process.exit(0)
}
