import type { z } from 'zod'
import type { AuditLog } from '../audit/port.ts'
import type { Policy } from '../policy/settings.ts'
import type { Database } from '../store/port.ts'
import type { Connection } from './server/connection.ts'
import type { Call, Procedures, Response, SessionId, WorkstationId } from './protocol/index.ts'

/** What every service of the authority is given; clock and ids are passed in, never global. */
export interface AuthorityContext {
  readonly db: Database
  readonly audit: AuditLog
  readonly policy: Policy
  /** Trusted time in ms: never goes back, counts sleep, never behind the last record (clock.ts). */
  readonly now: () => number
  /** 128 random bits, base64url. */
  readonly randomId: () => string
  readonly rpId: string
  /** Origin of the sign-in page: `https://agent.<rpId>`. */
  readonly origin: string
  /** Base URL of this authority as views and applications reach it; the OpenID issuer. */
  readonly issuer: string
  /** HMAC key of the badge tags, from the vault. */
  readonly badgeKey: { readonly version: number; readonly key: Uint8Array }
  /** Settings of the house for its agents; an embedded authority has none beside its agent's own. */
  readonly agentPolicy?: () => Readonly<Record<string, unknown>>
  /** Ed25519 seed of the bundles for workstations; null or left out: they get none. */
  readonly bundleSeed?: Uint8Array | null
  /** 32 bytes for a ceremony; random where nothing else is said. */
  readonly newChallenge?: () => Uint8Array
}

/** Who calls, established by authentication of the connection. */
export interface Caller {
  readonly workstation: { readonly id: WorkstationId; readonly name: string }
  /** Thumbprint of the key that it proved itself with; absent in an embedded authority. */
  readonly keyId?: string
  /** Absent for a call by plain HTTP. */
  readonly connection?: Connection
}

export type Handler<C extends Call> = (
  request: z.output<Procedures[C]['request']>,
  caller: Caller,
) => Promise<Response<C>>
export type Handlers = { readonly [C in Call]: Handler<C> }

/** A handler throws this to answer with a code instead of `internal`. */
export class CallFailure extends Error {
  readonly code: 'not-found' | 'session-ended' | 'conflict' | 'bad-request'
  constructor(code: CallFailure['code'], message: string) {
    super(message)
    this.name = 'CallFailure'
    this.code = code
  }
}

/** A session as oauth needs to see it. */
export interface LiveSession {
  readonly sessionId: SessionId
  readonly personId: string
  readonly displayName: string
  readonly role: string
  readonly kind: 'standard' | 'fallback'
  readonly scope: 'full' | 'reduced'
  readonly aal: number
  readonly amr: readonly string[]
  readonly verifiedAt: number
  readonly endsAt: number
  readonly applications: readonly string[]
  readonly patient: string | null
  /** An authorization override in force. */
  readonly override: {
    readonly patient: string
    readonly endsAt: number
    readonly reason: string
  } | null
  readonly workstation: string
}
