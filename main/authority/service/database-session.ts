import { readFile } from 'node:fs/promises'
import type { PostgresSession } from '../../store/postgres/index.ts'
import { databaseHosts, staysHere, type ServiceConfig } from './config-schema.ts'
import { ConfigError } from './read-config.ts'
import { type FileOptions, namedFile, readSecretFile } from './read-secret-file.ts'

/** How to reach the configured database. Rejects with `ConfigError`. */
export async function databaseSession(
  database: ServiceConfig['database'],
  files: FileOptions,
): Promise<PostgresSession> {
  const { url, host, port, name, user, passwordFile, schema } = database
  const ssl = await tlsOf(database, files)
  if (url !== undefined) return { connectionString: url, schema, ssl }
  if (host === undefined || name === undefined || user === undefined)
    throw new Error('The configuration was not checked: host, name and user are missing.')
  const password = async (): Promise<string> =>
    (await readSecretFile('database.passwordFile', passwordFile ?? '', files)).trimEnd()
  // Read once now, so that a missing file is a mistake of the configuration and not of a moment.
  if (passwordFile !== undefined) await password()
  return {
    host,
    port,
    database: name,
    user,
    ...(passwordFile === undefined ? {} : { password }),
    schema,
    ssl,
  }
}

async function tlsOf(
  { ssl, ...database }: ServiceConfig['database'],
  files: FileOptions,
): Promise<NonNullable<PostgresSession['ssl']>> {
  const servers = databaseHosts(database)
  const local = servers.length > 0 && servers.every(staysHere)
  const mode = ssl.mode ?? (local ? 'off' : 'verify')
  if (mode === 'off') return false
  if (ssl.ca === undefined) return { rejectUnauthorized: true }
  const { path } = await namedFile('database.ssl.ca', ssl.ca, files)
  const ca = await readFile(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError('database.ssl.ca', [`${path} cannot be read (${code}).`])
  })
  return { rejectUnauthorized: true, ca }
}
