import {
  allowInsecureRequests,
  type AuthorizationServer,
  clientCredentialsGrantRequest,
  type Client,
  clockSkew,
  customFetch,
  DPoP,
  PrivateKeyJwt,
  processClientCredentialsResponse,
} from 'oauth4webapi'
import { z } from 'zod'
import type { MachinePost } from './machine-post.ts'
import type { MachineKey } from './machine-key.ts'
import type { MachineIdentity } from './machine-vault.ts'
import { sha256, signProof } from './sign-proof.ts'

/** Why the authority gives this machine no token. */
export type TokenRefusal =
  /** IT took the workstation out of service. */
  | 'disabled'
  /** The workstation was enrolled anew, or its key was replaced: this one is no good any more. */
  | 'revoked'
  /** The authority knows no such key. */
  | 'unknown'

/** The authority answered, and the answer is no. */
export class MachineRefused extends Error {
  readonly reason: TokenRefusal
  constructor(reason: TokenRefusal) {
    super(`The authority gives this machine no token: ${reason}.`)
    this.name = 'MachineRefused'
    this.reason = reason
  }
}

const refusalSchema = z.looseObject({
  error: z.string(),
  reason: z.enum(['clock', 'disabled', 'revoked', 'retired', 'replayed']).optional(),
  now: z.number().int().optional(),
})

/** A token is not begun with when it ends within this, ms. */
const margin = 30_000
const attempts = 3

export interface CredentialsOptions {
  readonly identity: Pick<MachineIdentity, 'issuer' | 'clientId'>
  readonly post: MachinePost
  /** This machine's clock, ms. */
  readonly now?: () => number
}

export interface Credentials {
  /** Headers of a request by `key` (RFC 9449, 7.1). Rejects with `MachineRefused` or as `fetch` does. */
  headers(
    key: MachineKey,
    request: { readonly method: string; readonly path: string },
  ): Promise<Readonly<Record<'authorization' | 'dpop', string>>>
  /** The next request gets a new token. */
  forget(): void
  /** The authority's time as far as this machine has learned it, ms. */
  authorityNow(): number
}

/**
 * Proves this machine: `private_key_jwt` (RFC 7523) for a short-lived token, DPoP (RFC 9449) for every
 * request with it. A clock that is off is found out from the authority's answer and allowed for: a
 * ward must not stop for it.
 */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { identity, post, now = Date.now } = options
  const { issuer, clientId } = identity
  const server: AuthorizationServer = { issuer, token_endpoint: `${issuer}/agent/v1/token` }
  let skew = 0
  let held: { readonly keyId: string; readonly token: string; readonly endsAt: number } | null =
    null
  const authorityNow = () => now() + skew

  async function ask(key: MachineKey) {
    const client: Client = {
      client_id: clientId,
      // The library's clock is the machine's.
      [clockSkew]: Math.round((authorityNow() - Date.now()) / 1000),
    }
    const response = await clientCredentialsGrantRequest(
      server,
      client,
      PrivateKeyJwt({ key: key.privateKey, kid: key.keyId }),
      new URLSearchParams(),
      {
        DPoP: DPoP(client, key),
        [allowInsecureRequests]: issuer.startsWith('http:'),
        [customFetch]: (url, { headers, body }) =>
          post(url, { headers, body: body?.toString() ?? '' }),
      },
    )
    if (response.ok)
      return {
        ok: true,
        answer: await processClientCredentialsResponse(server, client, response),
      } as const
    const refusal = refusalSchema.safeParse(await response.json().catch(() => null))
    // Whoever has too much to do is not asked again at once.
    if (!refusal.success || response.status >= 500)
      throw new Error(`Asked for a token, the authority answered ${response.status}.`)
    return { ok: false, refusal: refusal.data } as const
  }

  async function fetchToken(key: MachineKey): Promise<string> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const askedAt = now()
      const asked = await ask(key)
      if (asked.ok) {
        const { access_token: token, expires_in: life = 60 } = asked.answer
        held = { keyId: key.keyId, token, endsAt: askedAt + life * 1000 }
        return token
      }
      const { error, reason, now: theirs } = asked.refusal
      if (reason === 'disabled') throw new MachineRefused('disabled')
      if (reason === 'revoked' || reason === 'retired') throw new MachineRefused('revoked')
      if (reason === 'clock' && theirs !== undefined) skew = theirs - now()
      else if (reason !== 'replayed' && error === 'invalid_client')
        throw new MachineRefused('unknown')
    }
    throw new Error(`Asked ${attempts} times, the authority gave no token.`)
  }

  return {
    async headers(key, { method, path }) {
      const good = held?.keyId === key.keyId && held.endsAt > now() + margin ? held.token : null
      const token = good ?? (await fetchToken(key))
      const claims = { htm: method, htu: `${issuer}${path}`, ath: sha256(token) }
      return {
        authorization: `DPoP ${token}`,
        dpop: await signProof(key, { typ: 'dpop+jwt', claims, now: authorityNow() }),
      }
    },
    forget: () => void (held = null),
    authorityNow,
  }
}
