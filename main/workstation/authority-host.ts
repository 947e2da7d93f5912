import type { FaultCode } from '../../preload/shown/fault.ts'
import { processMessageSchema } from '../authority/protocol/process.ts'
import type { ProcessMessage, StartMessage } from '../authority/protocol/process.ts'
import { realTimers, stopChild } from './child-process.ts'
import type { ChildProcess, Timers } from './child-process.ts'

type FailedCode = Extract<ProcessMessage, { type: 'failed' }>['code']

export interface AuthorityHostOptions {
  readonly fork: () => ChildProcess
  readonly start: StartMessage
  readonly onReady: (url: string) => void
  readonly onLost: () => void
  readonly onFault: (code: FaultCode, detail: string) => void
  readonly onProcess: (state: 'started' | 'ready' | 'failed' | 'exited', detail: string) => void
  readonly now: () => number
  readonly timers?: Timers
}

/** Conditions that may pass without anybody restarting Lanyard are tried again. */
const retryMs = 5_000
/** A second crash within this time is no accident any more. */
const calmMs = 300_000
/** It drains, signs its last checkpoint and closes. */
const patience = 8_000

const faultOf = (code: FailedCode): FaultCode => (code === 'internal' ? 'authority-stopped' : code)

const mayPass = (code: FailedCode): boolean => code === 'store-busy' || code === 'store-full'

/**
 * Runs the embedded authority in its own process. A crash is repaired once; a start that fails, and
 * a second crash, are a fault that the screen names.
 */
export const startAuthorityHost = (options: AuthorityHostOptions) => {
  const { fork, start, onReady, onLost, onFault, onProcess, now, timers = realTimers } = options
  let child: ChildProcess | null = null
  let timer: unknown = null
  let crashedAt: number | null = null
  let stopping = false

  const launch = () => {
    const started = fork()
    let failed: FailedCode | null = null
    child = started
    onProcess('started', '')
    started.on('message', (data) => {
      const message = processMessageSchema.safeParse(data)
      if (!message.success || stopping) return
      if (message.data.type === 'ready') {
        onProcess('ready', '')
        onReady(message.data.url)
        return
      }
      failed = message.data.code
      onProcess('failed', `${message.data.code}: ${message.data.message}`)
      onFault(faultOf(failed), message.data.message)
    })
    started.on('exit', (code) => {
      if (child === started) child = null
      if (stopping) return
      onProcess('exited', `code ${code}`)
      onLost()
      if (failed !== null) {
        if (mayPass(failed)) timer = timers.setTimeout(launch, retryMs)
        return
      }
      const again = crashedAt !== null && now() - crashedAt < calmMs
      crashedAt = now()
      if (again) onFault('authority-stopped', 'The authority stopped twice within five minutes.')
      else launch()
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    started.postMessage(start)
  }
  launch()

  return {
    async dispose(): Promise<void> {
      stopping = true
      timers.clearTimeout(timer)
      if (child !== null) await stopChild(child, { patience, timers })
    },
  }
}
