import type { Caller } from '../context.ts'
import { workstationIdSchema } from '../protocol/index.ts'
import type { Authenticate } from '../server/authentication.ts'
import type { Services } from '../services.ts'
import { sha256, verifyDpop } from './dpop.ts'
import { inLots, padded } from '../in-lots.ts'
import { findKeys, type KnownKey, whyNot } from './key-standing.ts'
import { hashOf, type Used, useEachOnce } from './used-once.ts'

/** RFC 6750, 2.1: `b64token`. */
const authorization = /^DPoP ([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Who calls, by a token that is bound to the key of a workstation and a proof of that key for this
 * very request (RFC 9449, 7). The request's address is the issuer's with its path: what a proxy in
 * between says of itself is not believed. One proof opens one call.
 */
export function createMachineAuthentication({
  db,
  unit,
  now,
  issuer,
}: Pick<Services, 'db' | 'unit' | 'now' | 'issuer'>): Authenticate {
  const { origin } = new URL(issuer)

  /** The key that each of these tokens is bound to; null for one that is not good, or whose key is not. */
  const keyOf = inLots(async (hashes: readonly string[]): Promise<(KnownKey | null)[]> => {
    const tokens = await db.read
      .selectFrom('machine_tokens')
      .select(['token_hash', 'key_id', 'expires_at'])
      .where('token_hash', 'in', padded(hashes))
      .execute()
    const at = now()
    const good = new Map(
      tokens.filter((row) => row.expires_at > at).map((row) => [row.token_hash, row.key_id]),
    )
    const keys = await findKeys(db.read, [...good.values()])
    return hashes.map((hash) => {
      const key = keys.get(good.get(hash) ?? '')
      return key && whyNot(key, at) === null ? key : null
    })
  })
  const isFresh = inLots(
    (used: readonly Used[]) =>
      unit(({ tx }) => useEachOnce(tx, used), { isolation: 'read-committed' }),
    { nameOf: hashOf },
  )
  return async ({ method, url, headers }): Promise<Caller | null> => {
    const token = authorization.exec(headers.authorization ?? '')?.[1]
    const proofHeader = headers['dpop']
    // Two headers of the name arrive as one with a comma, which no JWS has.
    if (token === undefined || typeof proofHeader !== 'string') return null
    // `//name` and whole addresses would be somebody else's origin; agents send neither.
    if (!url.startsWith('/') || !URL.canParse(url, issuer)) return null
    const target = new URL(url, issuer)
    if (target.origin !== origin) return null

    const known = await keyOf(sha256(token))
    if (!known) return null
    const proof = await verifyDpop(proofHeader, { method, url: target, token, now: now() })
    if (!proof.ok || proof.keyId !== known.keyId) return null
    if (!(await isFresh({ ...proof, kind: 'dpop' }))) return null
    const { id, name } = known.workstation
    return { workstation: { id: workstationIdSchema.parse(id), name }, keyId: known.keyId }
  }
}
