import { AuditError } from '../audit/index.ts'
import { StoreError } from '../store/port.ts'
import { describeError } from '../describe-error.ts'
import { log } from './log.ts'
import { type ProcessMessage, startMessageSchema, stopMessageSchema } from './protocol/index.ts'
import { type RunningAuthority, startAuthority, type TimeSource } from './start.ts'

/** What Electron gives a utility process to speak to its parent. */
export interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(message: ProcessMessage): void
}

function failureOf(error: unknown): Extract<ProcessMessage, { type: 'failed' }> {
  if (error instanceof StoreError) {
    const message = `${error.message} ${error.advice}`
    switch (error.code) {
      case 'busy':
      case 'full':
      case 'corrupt':
      case 'unwritable':
        return { type: 'failed', code: `store-${error.code}`, message }
      default:
        return { type: 'failed', code: 'store-unwritable', message }
    }
  }
  if (error instanceof AuditError)
    return { type: 'failed', code: 'configuration', message: `${error.message} ${error.advice}` }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return {
      type: 'failed',
      code: 'configuration',
      message: 'The port is taken by another program; set another port, or 0 for any free one.',
    }
  log('error', 'start-failed', describeError(error))
  return {
    type: 'failed',
    code: 'internal',
    message: 'The authority could not start; see its log.',
  }
}

export interface UtilityProcessOptions {
  readonly port: ParentPort
  readonly time?: TimeSource
  /** Called once the authority runs. */
  readonly onRunning?: (running: RunningAuthority) => void
}

/**
 * The authority as a utility process: start message, `ready` or `failed`; stop message, exit 0. It
 * exits with its parent, too.
 */
export function runUtilityProcess({ port, time, onRunning }: UtilityProcessOptions): void {
  let starting: Promise<RunningAuthority> | null = null

  async function start(data: unknown): Promise<RunningAuthority> {
    const message = startMessageSchema.safeParse(data)
    if (!message.success) {
      const fields = message.error.issues.map(({ path }) => path.join('.')).join(', ')
      const text = `The start message is wrong at: ${fields}.`
      port.postMessage({ type: 'failed', code: 'configuration', message: text })
      throw new Error(text)
    }
    try {
      const running = await startAuthority(message.data, time)
      onRunning?.(running)
      port.postMessage({ type: 'ready', url: running.url })
      return running
    } catch (error) {
      port.postMessage(failureOf(error))
      throw error
    }
  }

  async function stop(): Promise<void> {
    const running = await starting?.catch(() => null)
    await running?.stop()
    process.exit(0)
  }

  port.on('message', ({ data }) => {
    if (stopMessageSchema.safeParse(data).success) {
      stop().catch((error: unknown) => {
        log('error', 'stop-failed', describeError(error))
        process.exit(1)
      })
      return
    }
    if (starting) return
    starting = start(data)
    // The parent has been told, or will be in a moment; it decides whether to start a new process.
    starting.catch(() => setTimeout(() => process.exit(1), 200))
  })
  // What nobody caught ends the process as it would anyway, but says nothing that names a person.
  process.on('uncaughtException', (error) => {
    log('error', 'crashed', describeError(error))
    process.exit(1)
  })
  // Without a parent nobody can use this authority: its secret is gone.
  process.on('disconnect', () => process.exit(0))
}
