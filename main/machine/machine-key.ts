import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK } from 'jose'
import { z } from 'zod'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** A P-256 key pair (RFC 7517), as it lies in the operating system's secret store. */
export const privateKeySchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
})
export type PrivateKey = Readonly<z.infer<typeof privateKeySchema>>

/** A key that can sign, and what may be shown of it. */
export interface MachineKey {
  readonly keyId: string
  readonly jwk: PrivateKey
  readonly publicJwk: Readonly<Omit<PrivateKey, 'd'>>
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

export async function newMachineKey(): Promise<MachineKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await exportJWK(privateKey)
  return useMachineKey(privateKeySchema.parse({ kty, crv, x, y, d }))
}

/** Loads the key into memory, from where it cannot be exported again. */
export async function useMachineKey(jwk: PrivateKey): Promise<MachineKey> {
  const { kty, crv, x, y } = jwk
  const publicJwk = { kty, crv, x, y }
  return {
    keyId: await calculateJwkThumbprint(publicJwk),
    jwk,
    publicJwk,
    privateKey: await importJWK(jwk, 'ES256', { extractable: false }),
    publicKey: await importJWK(publicJwk, 'ES256', { extractable: true }),
  }
}
