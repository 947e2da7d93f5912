import { describeError } from '../../describe-error.ts'
import { log, setLogLevel } from '../log.ts'
import { readCertificate } from './certificate.ts'
import { readKeys } from './keys.ts'
import { type ReadConfig, readConfig } from './read-config.ts'
import { filePath } from './read-secret-file.ts'
import { reload } from './reload.ts'
import { type RunningService, startService, type StartServiceOptions } from './start-service.ts'
import { watchCertificate } from './watch-certificate.ts'

/** Whoever stops a service kills it some time after; by then it must be over, ms. */
const stopWithin = 14_000

export interface RunServiceOptions extends Pick<StartServiceOptions, 'authenticate' | 'mounts'> {
  /** Path of the configuration. */
  readonly path: string
  /** Told once it serves. */
  readonly onReady: (url: string) => void
}

/**
 * Runs a node until it is told to stop (SIGTERM, SIGINT); resolves to whether it ended in order.
 * SIGHUP reads the configuration again. Rejects with `ConfigError`, `StoreError` or `AuditError`
 * when it cannot start.
 */
export async function runService(options: RunServiceOptions): Promise<boolean> {
  const { path, onReady } = options
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
      process.exit(1)
    }, stopWithin).unref()
    running.stop().then(resolve, (error: unknown) => {
      log('error', 'stop-failed', describeError(error))
      resolve(false)
    })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Sent while it starts, it must not end the process; the file has just been read.
  process.on('SIGHUP', () => {})
  // What nobody caught ends the process as it would anyway, but says nothing that names a person.
  process.on('uncaughtException', (error) => {
    log('error', 'crashed', describeError(error))
    process.exit(1)
  })
  try {
    running = await startService({ ...options, read, keys, signal: waiting.signal })
  } catch (error) {
    if (waiting.signal.aborted) return true
    throw error
  }
  keepUpToDate({ path, read, running })
  if (waiting.signal.aborted) stop()
  log('info', 'serving')
  onReady(running.url)
  return stopped
}

/** SIGHUP, and a certificate that was renewed. */
function keepUpToDate({
  path,
  read,
  running,
}: {
  readonly path: string
  readonly read: ReadConfig
  readonly running: RunningService
}): void {
  let current = read
  let turn: Promise<unknown> = Promise.resolve()
  let unwatch = () => {}

  function watch(): void {
    unwatch()
    const { tls } = current.config
    if (!tls) return
    const files = { folder: current.folder }
    unwatch = watchCertificate(
      [filePath('tls.certificate', tls.certificate, files), filePath('tls.key', tls.key, files)],
      () => void (turn = turn.then(renew)),
    )
  }
  async function renew(): Promise<void> {
    const { tls } = current.config
    if (!tls) return
    try {
      const certificate = await readCertificate(tls, { folder: current.folder })
      running.server.changeCertificate(certificate)
      running.certificateEnds(certificate.endsAt)
      log('info', 'certificate-renewed')
    } catch (error) {
      log('error', 'certificate-refused', describeError(error))
    }
  }
  process.on('SIGHUP', () => {
    turn = turn.then(async () => {
      current = await reload({ path, current, running })
      watch()
    })
  })
  watch()
}
