import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import { CompactSign } from 'jose'
import { type Bundle, type BundleKey, bundleKeyId, bundleType } from '../protocol/index.ts'

/** PKCS #8 around a raw Ed25519 seed (RFC 8410, 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

export interface BundleSigner {
  /** What a workstation pins when it is enrolled. */
  readonly publicKey: BundleKey
  /** Compact JWS (RFC 7515, 7.1) with EdDSA (RFC 8037). */
  sign(bundle: Bundle): Promise<string>
}

/** `seed` is 32 bytes (RFC 8032, 5.1.5). */
export function bundleSigner(seed: Uint8Array): BundleSigner {
  if (seed.length !== 32)
    throw new Error(`The bundle key's seed must have 32 bytes, got ${seed.length}.`)
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey: BundleKey = { kty: 'OKP', crv: 'Ed25519', x: rawPublicKey(key) }
  return {
    publicKey,
    sign: (bundle) =>
      new CompactSign(Buffer.from(JSON.stringify(bundle)))
        .setProtectedHeader({ alg: 'EdDSA', typ: bundleType, kid: bundleKeyId(publicKey) })
        .sign(key),
  }
}

const rawPublicKey = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url')

/** To derive a key costs ten times a tag; each workstation of the house has one. */
const derived = new WeakMap<Uint8Array, Map<string, Uint8Array>>()

/**
 * Key of the badge tags that one workstation may hold. It says nothing about the tags of another, and
 * leads back neither to the authority's key nor, without it, to a badge number.
 */
export function deviceKey(badgeKey: Uint8Array, workstationId: string): Uint8Array {
  const ofHouse = derived.get(badgeKey) ?? new Map<string, Uint8Array>()
  derived.set(badgeKey, ofHouse)
  const known = ofHouse.get(workstationId)
  if (known) return known
  const info = `lanyard-device-badges-1|${workstationId}`
  const key = new Uint8Array(hkdfSync('sha256', badgeKey, '', info, 32))
  ofHouse.set(workstationId, key)
  return key
}
