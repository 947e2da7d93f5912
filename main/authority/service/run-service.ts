import { describeError } from '../../describe-error.ts'
import { log, setLogLevel } from '../log.ts'
import { readKeys } from './keys.ts'
import { readConfig } from './read-config.ts'
import { type Attach, type RunningService, startService } from './start-service.ts'

/** Whoever stops a service kills it some time after; by then it must be over, ms. */
const stopWithin = 14_000

export interface RunServiceOptions {
  /** Path of the configuration. */
  readonly path: string
  readonly attach: Attach
  /** Told once it serves. */
  readonly onReady: (url: string) => void
}

/**
 * Runs a node until it is told to stop (SIGTERM, SIGINT); resolves to whether it ended in order.
 * Rejects with `ConfigError`, `StoreError` or `AuditError` when it cannot start.
 */
export async function runService({ path, attach, onReady }: RunServiceOptions): Promise<boolean> {
  const read = await readConfig(path)
  setLogLevel(read.config.log.level)
  for (const note of read.notes) log('warn', 'policy-adjusted', { note })
  const keys = await readKeys(read.config.keys.file, { folder: read.folder })
  const waiting = new AbortController()
  let running: RunningService | null = null
  const { promise: stopped, resolve } = Promise.withResolvers<boolean>()

  function stop(): void {
    waiting.abort()
    if (!running) return
    log('info', 'stopping')
    setTimeout(() => {
      log('error', 'stop-timed-out')
      resolve(false)
    }, stopWithin).unref()
    running.stop().then(resolve, (error: unknown) => {
      log('error', 'stop-failed', describeError(error))
      resolve(false)
    })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  try {
    running = await startService({ read, keys, attach, signal: waiting.signal })
  } catch (error) {
    if (waiting.signal.aborted) return true
    throw error
  }
  if (waiting.signal.aborted) stop()
  log('info', 'serving')
  onReady(running.url)
  return stopped
}
