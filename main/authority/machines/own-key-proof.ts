import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import {
  importPublicKey,
  plainKey,
  type PublicKey,
  publicKeySchema,
  thumbprint,
} from './public-key.ts'

/** How far the clock of a machine may be off, s. */
export const clockTolerance = 60

const headerSchema = z.looseObject({
  typ: z.string(),
  alg: z.literal('ES256'),
  jwk: publicKeySchema,
})
const timesSchema = z.looseObject({
  iat: z.number().int(),
  jti: z.string().min(8).max(128),
})

export interface OwnKeyProofOptions<S extends z.ZodType> {
  /** Of the header: what the proof is for. */
  readonly typ: string
  /** Of the claims, besides `iat` and `jti`. */
  readonly claims: S
  /** ms. */
  readonly now: number
}

export type OwnKeyProof<C> =
  | {
      readonly ok: true
      readonly key: PublicKey
      readonly keyId: string
      readonly claims: C
      readonly jti: string
      /** After this, ms, the proof would be refused as too old. */
      readonly staleAt: number
    }
  /** `clock`: it is genuine, and its time is too far from the authority's. */
  | { readonly ok: false; readonly reason: 'invalid' | 'clock' }

const invalid = { ok: false, reason: 'invalid' } as const

/**
 * A compact JWS (RFC 7515) by the very key that its header holds: whoever sent it has that key, and
 * meant it for `typ`, now. Whose key it is has not been asked, nor whether the proof was used before.
 */
export async function verifyOwnKeyProof<S extends z.ZodType>(
  proof: string,
  { typ, claims, now }: OwnKeyProofOptions<S>,
): Promise<OwnKeyProof<z.output<S>>> {
  try {
    const header = headerSchema.safeParse(decodeProtectedHeader(proof))
    if (!header.success) return invalid
    const key = plainKey(header.data.jwk)
    const { payload } = await jwtVerify(proof, await importPublicKey(key), {
      algorithms: ['ES256'],
      typ,
      // What is said of `exp` and `nbf` counts too, where it is said.
      currentDate: new Date(now),
      clockTolerance,
    })
    const times = timesSchema.safeParse(payload)
    const parsed = claims.safeParse(payload)
    if (!times.success || !parsed.success) return invalid
    const { iat, jti } = times.data
    if (Math.abs(now / 1000 - iat) > clockTolerance) return { ok: false, reason: 'clock' }
    return {
      ok: true,
      key,
      keyId: await thumbprint(key),
      claims: parsed.data,
      jti,
      staleAt: (iat + clockTolerance) * 1000,
    }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { ok: false, reason: 'clock' }
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
      return { ok: false, reason: 'clock' }
    // Not a JWS, another algorithm, no point of the curve, a signature by somebody else.
    return invalid
  }
}
