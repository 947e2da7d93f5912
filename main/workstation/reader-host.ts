import { readerMessageSchema } from '../badge/reader-messages.ts'
import type {
  ReaderCommand,
  ReaderMessage,
  ReaderState,
  Transport,
} from '../badge/reader-messages.ts'
import { startReaderProcess } from './reader-process-host.ts'
import type { ChildProcess, Timers } from './child-process.ts'

type Of<T extends ReaderMessage['type']> = Extract<ReaderMessage, { type: T }>

export interface ReaderHostOptions {
  /** Each transport gets a process of its own: what breaks one leaves the others alone. */
  readonly transports: readonly Transport[]
  readonly fork: (transport: Transport) => ChildProcess
  readonly configure: Omit<Extract<ReaderCommand, { type: 'configure' }>, 'avoid'>
  readonly onTap: (tap: Of<'tap'>) => void
  readonly onTwoBadges: (reader: string) => void
  readonly onState: (
    reader: string,
    state: ReaderState,
    about: { readonly model: string; readonly detail: string },
  ) => void
  readonly onInspection: (message: Of<'inspection'>) => void
  readonly onQuality: (message: Of<'quality'>) => void
  readonly onProcess: (state: 'started' | 'exited' | 'failed', detail: string) => void
  readonly now: () => number
  readonly timers?: Timers
}

/**
 * Keeps the reader processes alive: native code there may crash or hang without taking the lock
 * screen along. What they say is parsed; what fits no schema is dropped, not believed.
 */
export const startReaderHost = (options: ReaderHostOptions) => {
  const { transports, fork, configure, onProcess, now, timers } = options
  /** Which process a reader belongs to. */
  const owners = new Map<string, Transport>()

  const heed = (transport: Transport, data: unknown) => {
    const parsed = readerMessageSchema.safeParse(data)
    if (!parsed.success)
      return onProcess('failed', 'A message of a reader process fits no schema; it was dropped.')
    const message = parsed.data
    switch (message.type) {
      case 'tap':
        return options.onTap(message)
      case 'two-badges':
        return options.onTwoBadges(message.reader)
      case 'reader': {
        const { reader, model, state, detail } = message
        // Two transports without a reader are two facts, not one that changes its mind.
        const name = reader === 'none' ? `none:${transport}` : reader
        owners.set(name, transport)
        return options.onState(name, state, { model, detail })
      }
      case 'inspection':
        return options.onInspection(message)
      case 'quality':
        return options.onQuality(message)
      case 'opening':
      case 'opened':
      case 'gone':
        return
    }
  }

  const processes = new Map(
    transports.map((transport) => [
      transport,
      startReaderProcess({
        fork: () => fork(transport),
        configure,
        onMessage: (data) => heed(transport, data),
        onProcess: (state, detail) => {
          onProcess(state, detail === '' ? transport : `${transport}: ${detail}`)
          if (state !== 'exited') return
          const theirs = [...owners].filter(([, owner]) => owner === transport)
          if (theirs.length === 0) theirs.push([`none:${transport}`, transport])
          for (const [reader] of theirs) options.onState(reader, 'silent', brokeDown)
        },
        now,
        ...(timers ? { timers } : {}),
      }),
    ]),
  )

  return {
    /** To the process of the reader that it names, or to all. */
    send(command: ReaderCommand): void {
      const owner = command.type === 'feedback' ? owners.get(command.reader) : undefined
      for (const [transport, process] of processes)
        if (owner === undefined || owner === transport) process.send(command)
    },
    async dispose(): Promise<void> {
      await Promise.all([...processes.values()].map((process) => process.dispose()))
    },
  }
}

const brokeDown = { model: '', detail: 'The driver broke down and starts again.' } as const
