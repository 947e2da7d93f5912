import type { Caller } from '../context.ts'
import { workstationIdSchema } from '../protocol/index.ts'
import type { Authenticate } from '../server/authentication.ts'
import type { Services } from '../services.ts'
import { sha256, verifyDpop } from './dpop.ts'
import { findKey, whyNot } from './key-standing.ts'
import { useOnce } from './used-once.ts'

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
  return async ({ method, url, headers }): Promise<Caller | null> => {
    const token = authorization.exec(headers.authorization ?? '')?.[1]
    const proofHeader = headers['dpop']
    // Two headers of the name arrive as one with a comma, which no JWS has.
    if (token === undefined || typeof proofHeader !== 'string') return null
    // `//name` and whole addresses would be somebody else's origin; agents send neither.
    if (!url.startsWith('/') || !URL.canParse(url, issuer)) return null
    const target = new URL(url, issuer)
    if (target.origin !== origin) return null

    const row = await db.read
      .selectFrom('machine_tokens')
      .select(['key_id', 'expires_at'])
      .where('token_hash', '=', sha256(token))
      .executeTakeFirst()
    if (!row || row.expires_at <= now()) return null
    const known = await findKey(db.read, row.key_id)
    if (!known || whyNot(known, now()) !== null) return null

    const proof = await verifyDpop(proofHeader, { method, url: target, token, now: now() })
    if (!proof.ok || proof.keyId !== known.keyId) return null
    const fresh = await unit(({ tx }) => useOnce(tx, { ...proof, kind: 'dpop' }), {
      isolation: 'read-committed',
    })
    if (!fresh) return null
    const { id, name } = known.workstation
    return { workstation: { id: workstationIdSchema.parse(id), name }, keyId: known.keyId }
  }
}
