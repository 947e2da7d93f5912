import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigError } from './read-config.ts'
import { adviceFor, readByOthers } from './read-by-others.ts'

export interface FileOptions {
  /** Where relative paths begin. */
  readonly folder: string
  readonly environment?: NodeJS.ProcessEnv
}

const credential = /^credential:([\w.-]+)$/

/** The path that a setting means: itself, or a credential of systemd. Throws `ConfigError`. */
export function filePath(
  setting: string,
  value: string,
  { folder, environment = process.env }: FileOptions,
): string {
  const [, name] = credential.exec(value) ?? []
  if (name === undefined) return resolve(folder, value)
  const directory = environment['CREDENTIALS_DIRECTORY']
  if (directory !== undefined && directory !== '') return join(directory, name)
  throw new ConfigError(setting, [
    `There are no credentials: start the service by systemd with LoadCredential=${name}:<file>, or name a file.`,
  ])
}

/**
 * The file that a setting names, once it is known to be there. Rejects with `ConfigError`, which
 * does not repeat the value: somebody may have put the secret itself where its file belongs.
 */
export async function namedFile(
  setting: string,
  value: string,
  options: FileOptions,
): Promise<{ readonly path: string; readonly mode: number }> {
  const path = filePath(setting, value, options)
  try {
    const { mode } = await stat(path)
    return { path, mode }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const where = credential.test(value)
      ? 'the service was not given (LoadCredential=)'
      : `is not there; relative paths begin at ${options.folder}`
    throw new ConfigError(setting, [
      `It names a file that ${where} (${code}). It takes the path of a file or credential:<name>; what is secret belongs in that file and not here.`,
    ])
  }
}

/**
 * A file that only the service's account may read. Rejects with `ConfigError`, which says what to
 * do and nothing of the content.
 */
export async function readSecretFile(
  setting: string,
  value: string,
  options: FileOptions,
): Promise<string> {
  const { path, mode } = await namedFile(setting, value, options)
  // systemd sees to it that nobody else reaches the folder of its credentials.
  if (readByOthers(mode) && !credential.test(value))
    throw new ConfigError(setting, [`${path} ${adviceFor(mode, path)}`])
  return readFile(path, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError(setting, [`${path} cannot be read (${code}).`])
  })
}
