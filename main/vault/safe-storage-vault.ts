import { join } from 'node:path'
import { VaultError } from './errors.ts'
import { JsonFile } from './json-file.ts'
import type { Vault } from './port.ts'

/** The part of Electron's `safeStorage` that is used. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>
  encryptStringAsync(plainText: string): Promise<Buffer>
  decryptStringAsync(
    encrypted: Buffer,
  ): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>
  getSelectedStorageBackend(): string
}

/** Null when it can encrypt with a key that the operating system keeps, or why it cannot. */
export async function refusalOf(
  safeStorage: SafeStorage,
  platform: NodeJS.Platform,
): Promise<string | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'safeStorage offers no encryption'
  // On Linux without a keyring Chromium encrypts with a password that is in its source.
  const backend = platform === 'linux' ? safeStorage.getSelectedStorageBackend() : 'native'
  return backend === 'basic_text' || backend === 'unknown'
    ? `safeStorage has no keyring behind it (${backend})`
    : null
}

/** Secrets in a file, encrypted by Electron with a key of the operating system. */
export function safeStorageVault(safeStorage: SafeStorage, directory: string): Vault {
  const file = new JsonFile(join(directory, 'vault-encrypted.json'))
  async function set(name: string, value: Uint8Array) {
    const encrypted = await safeStorage.encryptStringAsync(Buffer.from(value).toString('base64'))
    await file.change((content) => (content[name] = encrypted.toString('base64')))
  }
  return {
    kind: 'safe-storage',
    async get(name) {
      const text = (await file.read())?.[name]
      if (text === undefined) return null
      const { result, shouldReEncrypt } = await decrypt(safeStorage, Buffer.from(text, 'base64'))
      const value = new Uint8Array(Buffer.from(result, 'base64'))
      if (shouldReEncrypt) await set(name, value)
      return value
    },
    set,
    async delete(name) {
      await file.change((content) => delete content[name])
    },
  }
}

async function decrypt(safeStorage: SafeStorage, encrypted: Buffer) {
  try {
    return await safeStorage.decryptStringAsync(encrypted)
  } catch (cause) {
    throw new VaultError(
      'corrupt',
      'A key cannot be decrypted: the operating system has another key, or the file was changed.',
      'Run Lanyard under the account that it was set up with, or restore its data directory.',
      { cause },
    )
  }
}
