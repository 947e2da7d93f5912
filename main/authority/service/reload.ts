import { isDeepStrictEqual } from 'node:util'
import { describeError } from '../../describe-error.ts'
import { log, setLogLevel } from '../log.ts'
import { readCertificate } from './certificate.ts'
import { ConfigError, type ReadConfig, readConfig } from './read-config.ts'
import type { RunningService } from './start-service.ts'

/** What can change while the service runs; everything else needs a restart. */
const reloadable = new Set(['tls', 'applications', 'policy', 'log'])

export interface ReloadOptions {
  readonly path: string
  /** What holds now. */
  readonly current: ReadConfig
  readonly running: Pick<
    RunningService,
    'server' | 'applications' | 'housePolicy' | 'certificateEnds'
  >
}

/**
 * Reads the configuration again and takes over what can change: all of it is checked first, and a
 * wrong file changes nothing. Resolves to what holds from now on.
 */
export async function reload({ path, current, running }: ReloadOptions): Promise<ReadConfig> {
  try {
    const read = await readConfig(path)
    const { config } = read
    const before = current.config
    const restart = Object.keys({ ...before, ...config }).filter(
      (key) =>
        !reloadable.has(key) &&
        !isDeepStrictEqual(before[key as keyof typeof before], config[key as keyof typeof config]),
    )
    if (restart.length > 0) log('warn', 'restart-needed', { sections: restart.join(', ') })
    const certificate =
      before.tls && config.tls ? await readCertificate(config.tls, { folder: read.folder }) : null
    if (!isDeepStrictEqual(before.applications, config.applications))
      await running.applications.configure(config.applications)
    if (certificate) {
      running.server.changeCertificate(certificate)
      running.certificateEnds(certificate.endsAt)
    }
    setLogLevel(config.log.level)
    for (const note of read.notes) log('warn', 'policy-adjusted', { note })
    // A file that says what it said before is no wish to change what another node changed.
    if (!isDeepStrictEqual(current.given, read.given)) await running.housePolicy.change(read.given)
    log('info', 'reloaded')
    return read
  } catch (error) {
    if (error instanceof ConfigError) log('error', 'reload-refused', { faults: error.message })
    else log('error', 'reload-failed', describeError(error))
    return current
  }
}
