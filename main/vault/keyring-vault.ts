import { randomBytes } from 'node:crypto'
import { VaultError } from './errors.ts'
import type { Vault } from './port.ts'

/** The part of keytar's API that is used; the package is its maintained successor. */
export interface Keyring {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

const service = 'Lanyard'

/** Loaded when it is needed: its native module may not load on every machine. */
export async function loadKeyring(): Promise<Keyring> {
  // The package would load any library that this names, into the process that holds the keys.
  delete process.env['NAPI_RS_NATIVE_LIBRARY_PATH']
  const { getPassword, setPassword, deletePassword } = await import('keytar/keytar.js')
  return { getPassword, setPassword, deletePassword }
}

/**
 * Whether the keyring keeps what it is given; rejects with what it says when it does not. Reading
 * alone proves nothing: without a session, a missing keyring reads as an empty one.
 */
export async function probeKeyring(keyring: Keyring): Promise<void> {
  const account = `probe-${randomBytes(8).toString('hex')}`
  const value = randomBytes(32).toString('base64')
  await keyring.setPassword(service, account, value)
  const kept = await keyring.getPassword(service, account)
  await keyring.deletePassword(service, account)
  if (kept !== value)
    throw new VaultError(
      'corrupt',
      'The operating system took a secret and did not give it back.',
      'Repair or reset the keyring of the account that runs Lanyard.',
    )
}

/** Secrets as base64 under `prefix/name`, so that two data directories never share a key. */
export function keyringVault(keyring: Keyring, prefix: string): Vault {
  const account = (name: string) => `${prefix}/${name}`
  return {
    kind: 'os',
    async get(name) {
      const text = await keyring.getPassword(service, account(name))
      return text === null ? null : new Uint8Array(Buffer.from(text, 'base64'))
    },
    async set(name, value) {
      const text = Buffer.from(value).toString('base64')
      await keyring.setPassword(service, account(name), text)
      if ((await keyring.getPassword(service, account(name))) === text) return
      throw new VaultError(
        'corrupt',
        'The operating system did not keep a key.',
        'Repair or reset the keyring of the account that runs Lanyard.',
      )
    },
    async delete(name) {
      await keyring.deletePassword(service, account(name))
    },
  }
}
