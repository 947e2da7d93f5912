import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16
/** What sealing adds to a text, in bytes. */
export const sealBytes = nonceBytes + tagBytes

/** AES-256-GCM with a random nonce in front; `about` is authenticated and not contained. */
export function seal(key: Uint8Array, text: string, about: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(about))
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The text; null for anything that was not sealed with this key about this. */
export function unseal(key: Uint8Array, sealed: Uint8Array, about: string): string | null {
  if (sealed.length < sealBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(about))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    const body = sealed.subarray(nonceBytes, -tagBytes)
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}
