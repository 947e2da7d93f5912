import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { VaultError } from './errors.ts'
import { fileVault } from './file-vault.ts'
import { JsonFile } from './json-file.ts'
import { keyringVault, loadKeyring, probeKeyring, type Keyring } from './keyring-vault.ts'
import type { Vault } from './port.ts'
import { rememberKeys } from './remember-keys.ts'
import { refusalOf, safeStorageVault, type SafeStorage } from './safe-storage-vault.ts'

export interface OpenVaultOptions {
  /** Electron's, after the app is ready; null outside of Electron. */
  readonly safeStorage: SafeStorage | null
  /** The data directory. */
  readonly directory: string
  /** Policy `vault.allowFile`: a plain file is better than nothing, for trials only. */
  readonly allowFile: boolean
  readonly keyring?: () => Promise<Keyring>
  readonly platform?: NodeJS.Platform
}

type Kind = Exclude<Vault['kind'], 'memory'>
type Attempt = { readonly vault: Vault } | { readonly refusal: string }

const kinds: readonly Kind[] = ['os', 'safe-storage', 'file']

/**
 * The first secret store that works: the operating system's keyring, Electron's safeStorage, then,
 * where policy allows, a file. The choice is noted in the directory and kept: a keyring that is
 * locked today must not lead to new keys tomorrow, and a key that is lost is not made anew. Rejects
 * with `VaultError`.
 */
export async function openVault({
  safeStorage,
  directory,
  allowFile,
  keyring = loadKeyring,
  platform = process.platform,
}: OpenVaultOptions): Promise<Vault> {
  const note = choiceNote(directory)
  const chosen = await readChoice(note)
  const id = chosen?.id ?? randomBytes(8).toString('hex')
  const attempts: Readonly<Record<Kind, () => Promise<Attempt>>> = {
    os: () => tryKeyring(keyring, id),
    'safe-storage': () => trySafeStorage(safeStorage, directory, platform),
    file: async () =>
      allowFile ? { vault: fileVault(directory) } : { refusal: 'policy allows no file' },
  }
  const refusals: string[] = []
  for (const kind of chosen ? [chosen.kind] : kinds) {
    const attempt = await attempts[kind]()
    if ('refusal' in attempt) {
      refusals.push(attempt.refusal)
      continue
    }
    if (!chosen) await note.change((content) => Object.assign(content, { kind, id }))
    return rememberKeys(attempt.vault, note)
  }
  throw unavailable(chosen?.kind ?? null, refusals)
}

export interface VaultDescription {
  /** What this directory's keys are in; null before the first start. */
  readonly kind: Kind | null
  /** Null when the operating system's keyring works, or what it says. */
  readonly keyringProblem: string | null
}

/** What `lanyard doctor` says about the secret store; changes nothing. */
export async function describeVault({
  directory,
  keyring = loadKeyring,
}: Pick<OpenVaultOptions, 'directory' | 'keyring'>): Promise<VaultDescription> {
  const attempt = await tryKeyring(keyring, 'doctor')
  const chosen = await readChoice(choiceNote(directory))
  return {
    kind: chosen?.kind ?? null,
    keyringProblem: 'refusal' in attempt ? attempt.refusal : null,
  }
}

const choiceNote = (directory: string) => new JsonFile(join(directory, 'vault-kind.json'))

async function readChoice(note: JsonFile): Promise<{ kind: Kind; id: string } | null> {
  const content = await note.read()
  if (!content) return null
  const kind = kinds.find((candidate) => candidate === content['kind'])
  const id = content['id']
  if (kind && id) return { kind, id }
  throw new VaultError(
    'corrupt',
    'The note of where the keys are is damaged.',
    'Restore vault-kind.json in the data directory from the last backup.',
  )
}

async function tryKeyring(load: () => Promise<Keyring>, id: string): Promise<Attempt> {
  try {
    const keyring = await load()
    await probeKeyring(keyring)
    return { vault: keyringVault(keyring, id) }
  } catch (error) {
    if (error instanceof VaultError) throw error
    return { refusal: `keyring: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function trySafeStorage(
  safeStorage: SafeStorage | null,
  directory: string,
  platform: NodeJS.Platform,
): Promise<Attempt> {
  if (!safeStorage) return { refusal: 'safeStorage: not running in Electron' }
  const refusal = await refusalOf(safeStorage, platform)
  return refusal === null ? { vault: safeStorageVault(safeStorage, directory) } : { refusal }
}

const unavailable = (chosen: Kind | null, refusals: readonly string[]) =>
  new VaultError(
    'unavailable',
    `${
      chosen
        ? `The keys are in the secret store of kind "${chosen}", which does not open`
        : 'No secret store works'
    } (${refusals.join('; ')}).`,
    chosen === 'file'
      ? 'Set the policy vault.allowFile again, or move the data directory aside and enrol again.'
      : 'Start the keyring of the account that runs Lanyard (on Linux: gnome-keyring or KWallet in ' +
          'its session); for a trial only, set the policy vault.allowFile.',
  )
