import { hkdfSync, randomBytes } from 'node:crypto'
import type { Vault } from '../vault/port.ts'

/** What the workstation keeps for itself is sealed with keys that come from its secret store. */
export interface OfflineKeys {
  /** AES-256-GCM. */
  readonly bundle: Uint8Array
  /** AES-256-GCM. */
  readonly journal: Uint8Array
  /** HMAC-SHA-256 of the journal's frame and head. */
  readonly frame: Uint8Array
}

const entry = 'offline'

/** The keys of this workstation, made at the first call. Rejects with the vault's `VaultError`. */
export async function loadOfflineKeys(vault: Pick<Vault, 'get' | 'set'>): Promise<OfflineKeys> {
  const known = await vault.get(entry)
  const secret = known ?? randomBytes(32)
  if (!known) await vault.set(entry, secret)
  const derive = (use: string) =>
    new Uint8Array(hkdfSync('sha256', secret, '', `lanyard-offline-1|${use}`, 32))
  return { bundle: derive('bundle'), journal: derive('journal'), frame: derive('frame') }
}
