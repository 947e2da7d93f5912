import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Vault } from './port.ts'

/** The authority's keys in hex, as its start message carries them. */
export interface Keys {
  /** HMAC-SHA-256 key of badge tags. */
  readonly badge: { readonly version: number; readonly key: string }
  /** Ed25519 seed of the log's checkpoints (RFC 8032 5.1.5). */
  readonly log: string
  /** P-256 private key, PKCS #8 DER. */
  readonly idToken: string
  readonly cookie: string
}

/** A rotation adds the next version beside this one. */
const badgeVersion = 1

/**
 * The keys of this installation, made at the first call and the same from then on. Rejects with the
 * vault's `VaultError` when one of them has been lost.
 */
export async function loadKeys(vault: Pick<Vault, 'get' | 'set'>): Promise<Keys> {
  const load = async (name: string, make: () => Uint8Array) => {
    const known = await vault.get(name)
    const value = known ?? make()
    if (!known) await vault.set(name, value)
    return Buffer.from(value).toString('hex')
  }
  return {
    badge: { version: badgeVersion, key: await load(`badge-${badgeVersion}`, secret) },
    log: await load('log', secret),
    idToken: await load('id-token', p256),
    cookie: await load('cookie', secret),
  }
}

const secret = () => randomBytes(32)
const p256 = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'der',
    type: 'pkcs8',
  })
