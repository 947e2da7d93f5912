import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import type { Runtime } from './runtime.ts'
import { guarded } from './unsupported.ts'

type Provided =
  | 'isEncryptionAvailable'
  | 'isAsyncEncryptionAvailable'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
  | 'getSelectedStorageBackend'

const prefix = Buffer.from('v11')

/**
 * The module `safeStorage`. The key lies in a file of the user data folder: what was encrypted can
 * be read after a restart, and nothing is protected.
 */
export const createSafeStorage = (runtime: Runtime): Pick<SafeStorage, Provided> => {
  const { userData, safeStorage: mode } = runtime.options
  const available = () => runtime.ready && mode !== 'unavailable'
  const key = (): Buffer => {
    const file = join(userData, 'stand-in-safe-storage.key')
    try {
      return readFileSync(file)
    } catch {
      const fresh = randomBytes(32)
      mkdirSync(userData, { recursive: true })
      writeFileSync(file, fresh, { mode: 0o600 })
      return fresh
    }
  }
  const check = (what: string) => {
    if (!runtime.ready) throw new Error(`safeStorage cannot be used before app is ready`)
    if (!available())
      throw new Error(
        `Error while ${what} the string provided to safeStorage. Encryption is not available.`,
      )
  }
  return guarded('safeStorage', {
    isEncryptionAvailable: available,
    isAsyncEncryptionAvailable: async () => available(),
    encryptStringAsync: async (text: string) => {
      check('encrypting')
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key(), iv)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([prefix, iv, cipher.getAuthTag(), sealed])
    },
    decryptStringAsync: async (encrypted: Buffer) => {
      check('decrypting')
      if (!encrypted.subarray(0, 3).equals(prefix))
        throw new Error(
          'Error while decrypting the ciphertext provided to safeStorage.decryptString.',
        )
      const decipher = createDecipheriv('aes-256-gcm', key(), encrypted.subarray(3, 15))
      decipher.setAuthTag(encrypted.subarray(15, 31))
      const opened = Buffer.concat([decipher.update(encrypted.subarray(31)), decipher.final()])
      return { result: opened.toString('utf8'), shouldReEncrypt: false }
    },
    getSelectedStorageBackend: () => {
      if (!runtime.ready) return 'unknown' as const
      return mode === 'available' ? ('gnome_libsecret' as const) : ('basic_text' as const)
    },
  })
}
