import { createHash, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import type { MachineKey } from './machine-key.ts'

export const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

export interface Proof {
  /** Media type: what the proof is for. */
  readonly typ: string
  readonly claims: Readonly<Record<string, string>>
  /** The authority's time as this machine knows it, ms. */
  readonly now: number
}

/** A compact JWS by the key that its header holds, good once and for about a minute. */
export const signProof = (
  { publicJwk, privateKey }: Pick<MachineKey, 'publicJwk' | 'privateKey'>,
  { typ, claims, now }: Proof,
): Promise<string> =>
  new SignJWT({
    ...claims,
    iat: Math.floor(now / 1000),
    jti: randomBytes(16).toString('base64url'),
  })
    .setProtectedHeader({ alg: 'ES256', typ, jwk: publicJwk })
    .sign(privateKey)
