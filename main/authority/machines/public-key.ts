import { calculateJwkThumbprint, type CryptoKey, importJWK } from 'jose'
import { z } from 'zod'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** A P-256 public key (RFC 7517). Whatever else stands in it is left out; a private part is refused. */
export const publicKeySchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: z.undefined().optional(),
})
export type PublicKey = Readonly<Record<'kty' | 'crv' | 'x' | 'y', string>>

/** The key's members and nothing else, as they are kept. */
export const plainKey = ({ kty, crv, x, y }: z.output<typeof publicKeySchema>): PublicKey => ({
  kty,
  crv,
  x,
  y,
})

/** SHA-256 thumbprint (RFC 7638), by which a key is known. */
export const thumbprint = (key: PublicKey): Promise<string> => calculateJwkThumbprint(key)

/** Rejects when the coordinates are no point of the curve. */
export const importPublicKey = async (key: PublicKey): Promise<CryptoKey> =>
  (await importJWK(key, 'ES256')) as CryptoKey
