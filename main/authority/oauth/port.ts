import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Tx } from '../../store/port.ts'
import type { AuthorityContext, Handlers, LiveSession } from '../context.ts'
import type { Application } from '../protocol/index.ts'
import type { Bound } from '../server/bound.ts'

export interface OauthOptions {
  readonly applications: readonly Application[]
  /** P-256 private key, PKCS #8 DER, that signs ID tokens (ES256). */
  readonly idTokenKey: Uint8Array
  /** Key of the provider's own cookie signatures. */
  readonly cookieKey: Uint8Array
  /** The session as it is now, or null once it has ended; asked at every use, never cached. */
  readonly live: (sessionId: string) => Promise<LiveSession | null>
  /** Told of failures that an application saw only as `server_error`; messages may name people. */
  readonly report: (error: unknown) => void
  /** How many requests a node does at a time, and how long anybody waits; none when left out. */
  readonly bound?: Pick<Bound, 'run'>
}

/** OpenID provider and launch handles of the authority, whatever library does the work. */
export interface Oauth {
  readonly handlers: Pick<Handlers, 'launch.create'>
  /**
   * Takes `/launch/*`, `/oidc/*` and the discovery documents under `/.well-known/`; false, with
   * nothing written, when the request is none of these.
   */
  requestListener(request: IncomingMessage, response: ServerResponse): boolean
  /**
   * Destroys every handle, code and token of the session in the transaction that ends it. Nothing
   * depends on it for safety: `live` is asked at every use.
   */
  sessionEnded(tx: Tx, sessionId: string): Promise<void>
  dispose(): void
}

export type CreateOauth = (
  context: Pick<AuthorityContext, 'db' | 'audit' | 'now' | 'issuer'>,
  options: OauthOptions,
) => Promise<Oauth>
