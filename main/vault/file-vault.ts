import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { VaultError } from './errors.ts'
import { JsonFile } from './json-file.ts'
import type { Vault } from './port.ts'

/**
 * Secrets in a file that only its owner may read: for trials on machines without a secret store.
 * A file that others may read is refused, because its keys are no secrets any more.
 */
export function fileVault(directory: string): Vault {
  const file = new JsonFile(join(directory, 'vault.json'))
  return {
    kind: 'file',
    async get(name) {
      await refuseIfShared(file.path)
      const text = (await file.read())?.[name]
      return text === undefined ? null : new Uint8Array(Buffer.from(text, 'base64'))
    },
    async set(name, value) {
      await file.change((content) => (content[name] = Buffer.from(value).toString('base64')))
    },
    async delete(name) {
      await file.change((content) => delete content[name])
    },
  }
}

async function refuseIfShared(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  // Windows has access lists instead of modes; the profile folder's keep others out.
  if (!found || process.platform === 'win32' || (found.mode & 0o077) === 0) return
  const mode = (found.mode & 0o777).toString(8)
  throw new VaultError(
    'corrupt',
    `The file with the keys may be read by others (mode ${mode}, expected 600).`,
    'Find out who read it; then move the data directory aside and enrol again.',
  )
}
