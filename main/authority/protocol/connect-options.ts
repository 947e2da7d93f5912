import type { IncomingHttpHeaders } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import type { Backoff } from './backoff.ts'

/** How an agent proves who it is, asked anew for every connection. */
export type ConnectHeaders = () => Promise<Readonly<Record<string, string>>>

interface Common {
  /** Base URL of the authority: `http://127.0.0.1:<port>`, or `https://` and the service's name. */
  readonly url: string
  /** For `https`: whose certificates are believed, the system's when left out. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'secureContext'>
  /** Last event seen before; what came since is delivered first. Left out: what comes from now on. */
  readonly afterSeq?: number
  /** Random, new with every start of the agent's process. */
  readonly instance?: string
  /** How long a call may take, ms. */
  readonly timeout?: number
  /** `localBackoff` when left out. */
  readonly backoff?: Backoff
  /** A connection on which nothing came for so long is dead, ms; the authority pings every 20 s. */
  readonly silence?: number
  /** The authority answered the attempt to connect with this instead; attempts go on. */
  readonly onRefused?: (answer: {
    readonly status: number
    readonly headers: IncomingHttpHeaders
  }) => void
  /** The authority ended the connection, and said why (RFC 6455, 7.1.6). Told before being offline. */
  readonly onClosed?: (closed: { readonly code: number; readonly reason: string }) => void
}

/** Either the bearer secret of an embedded authority's agent, or headers of one's own. */
export type ConnectOptions = Common &
  (
    | { readonly secret: string; readonly headers?: never }
    | { readonly headers: ConnectHeaders; readonly secret?: never }
  )
