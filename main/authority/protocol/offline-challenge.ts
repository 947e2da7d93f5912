import { createHash, randomBytes } from 'node:crypto'

const half = 16

const binding = (bundleId: string, nonce: Uint8Array): Buffer =>
  createHash('sha256').update(`lanyard-offline-1|${bundleId}|`).update(nonce).digest()

/**
 * A challenge of a workstation on its own: 128 random bits, and 128 bits that bind them to its
 * bundle. An assertion over it was made for this workstation, after that bundle was issued, and for
 * nothing else: not one that was caught from an ordinary sign-in before.
 */
export function offlineChallenge(bundleId: string): Uint8Array {
  const nonce = randomBytes(half)
  return new Uint8Array(Buffer.concat([nonce, binding(bundleId, nonce).subarray(0, half)]))
}

/** Whether a challenge (base64url) was made by `offlineChallenge` for this bundle. */
export function isOfflineChallenge(challenge: string, bundleId: string): boolean {
  const bytes = Buffer.from(challenge, 'base64url')
  if (bytes.length !== 2 * half) return false
  return binding(bundleId, bytes.subarray(0, half)).subarray(0, half).equals(bytes.subarray(half))
}
