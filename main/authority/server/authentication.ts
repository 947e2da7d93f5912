import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../context.ts'

/** What authentication may look at. */
export interface AgentRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}
/** Who calls, or null: not an agent of this authority. */
export type Authenticate = (request: AgentRequest) => Promise<Caller | null>

/** The one agent of an embedded authority, by the secret that both were started with. */
export function authenticateEmbedded(secret: string, caller: Caller): Authenticate {
  const authenticated = createBearerCheck(secret)
  return ({ headers }) => Promise.resolve(authenticated(headers.authorization) ? caller : null)
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Compares `Authorization: Bearer <secret>` in a time that says nothing about the secret. */
export function createBearerCheck(secret: string): (authorization: string | undefined) => boolean {
  const expected = digest(`Bearer ${secret}`)
  return (authorization) => timingSafeEqual(digest(authorization ?? ''), expected)
}

/**
 * Only the name and port that this server is reached by: a page whose own name was rebound to the
 * loopback address sends its own name here.
 */
export function createHostCheck(port: number): (host: string | undefined) => boolean {
  const allowed = `127.0.0.1:${port}`
  return (host) => host === allowed
}
