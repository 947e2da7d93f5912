import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigError } from './read-config.ts'

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
 * A file that only the service's account may read. Rejects with `ConfigError`, which says what to
 * do and nothing of the content.
 */
export async function readSecretFile(
  setting: string,
  value: string,
  options: FileOptions,
): Promise<string> {
  const path = filePath(setting, value, options)
  const fail = (message: string) => new ConfigError(setting, [`${path} ${message}`])
  try {
    const { mode } = await stat(path)
    // systemd sees to it that nobody else reaches the folder of its credentials.
    const open = (mode & 0o077) !== 0 && process.platform !== 'win32'
    if (open && !credential.test(value))
      throw fail(`can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 ${path}`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw fail(code === 'ENOENT' ? 'does not exist.' : `cannot be read (${code}).`)
  }
}
