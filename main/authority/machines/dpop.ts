import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type OwnKeyProof, verifyOwnKeyProof } from './own-key-proof.ts'

export const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

const claimsSchema = z.looseObject({
  htm: z.string(),
  htu: z.string(),
  ath: z.string().optional(),
})

export interface DpopOptions {
  readonly method: string
  /** As the agent reached it. */
  readonly url: URL
  /** The token that is presented together with it; null where it is asked for one. */
  readonly token: string | null
  /** ms. */
  readonly now: number
}

/**
 * A DPoP proof (RFC 9449, 4.3), except for 4.3 (11) and (12): whether it was used before, and whose
 * key it is, is the caller's to ask.
 */
export async function verifyDpop(
  proof: string,
  { method, url, token, now }: DpopOptions,
): Promise<OwnKeyProof<unknown>> {
  const found = await verifyOwnKeyProof(proof, { typ: 'dpop+jwt', claims: claimsSchema, now })
  if (!found.ok) return found
  const { htm, htu, ath } = found.claims
  const right = htm === method && sameTarget(htu, url) && (token === null || ath === sha256(token))
  return right ? found : { ok: false, reason: 'invalid' }
}

/** Without query and fragment, after normalization (RFC 9449, 4.3, 9). */
function sameTarget(htu: string, url: URL): boolean {
  if (!URL.canParse(htu)) return false
  const said = new URL(htu)
  return said.origin === url.origin && said.pathname === url.pathname
}
