import { decodeJwt, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { clockTolerance } from './own-key-proof.ts'
import { importPublicKey, type PublicKey } from './public-key.ts'

/** An assertion may be good for so long at most, s. */
const longest = 300

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
  exp: z.number().int(),
  jti: z.string().min(8).max(128),
})

export interface AssertionOptions {
  readonly clientId: string
  readonly key: PublicKey
  /** Issuer or address of the token endpoint (RFC 7523, 3). */
  readonly audiences: readonly string[]
  /** ms. */
  readonly now: number
}

export type Assertion =
  | { readonly ok: true; readonly jti: string; readonly staleAt: number }
  | { readonly ok: false; readonly reason: 'invalid' | 'clock' }

/** Verifies `private_key_jwt` (RFC 7523, 3) of one client by one of its keys, except for its reuse. */
export async function verifyAssertion(
  assertion: string,
  { clientId, key, audiences, now }: AssertionOptions,
): Promise<Assertion> {
  try {
    await jwtVerify(assertion, await importPublicKey(key), {
      algorithms: ['ES256'],
      issuer: clientId,
      subject: clientId,
      audience: [...audiences],
      currentDate: new Date(now),
      clockTolerance,
    })
    const claims = claimsSchema.safeParse(decodeJwt(assertion))
    if (!claims.success) return { ok: false, reason: 'invalid' }
    const { exp, jti } = claims.data
    if (exp > now / 1000 + longest + clockTolerance) return { ok: false, reason: 'clock' }
    return { ok: true, jti, staleAt: (exp + clockTolerance) * 1000 }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { ok: false, reason: 'clock' }
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
      return { ok: false, reason: 'clock' }
    return { ok: false, reason: 'invalid' }
  }
}
