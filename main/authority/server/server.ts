import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { Authority } from '../authority.ts'
import { admitInTurn } from './admit-in-turn.ts'
import { createApp, type Mount } from './app.ts'
import { type Authenticate, createHostCheck } from './authentication.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { type AgentSocket, createAgentSocket } from './socket.ts'

/** RFC 7301, 6: what this server speaks; a client that speaks other things only is told so (3.2). */
const isHttp = (protocol: string) => protocol === 'http/1.1'

/** How much a stranger can hold open. */
export interface ConnectionLimits {
  /** At a time; one more is closed at once, and those that are there stay. */
  readonly connections: number
  /** From a connection to its TLS, ms. */
  readonly handshake: number
  /** From there to the end of a request's headers, and of the whole request, ms. */
  readonly headers: number
  readonly request: number
}

/**
 * A whole house that reconnects at once queues for its handshakes, and thousands of them keep
 * a processor busy for seconds: the last one must not be taken for somebody who says nothing.
 */
const defaultLimits: ConnectionLimits = {
  connections: 16_384,
  handshake: 30_000,
  headers: 10_000,
  request: 20_000,
}
/** Who has connected and was not taken yet, at most as many as the kernel allows: a whole house. */
const backlog = 511
/** Node looks this often for requests that take too long, ms. */
const lookEvery = 1_000

/** What a server certificate is made of. */
export type Certificate = Pick<TlsOptions, 'cert' | 'key'>

export interface ListenOptions {
  readonly host?: string
  /** 0: any free port. */
  readonly port: number
  /** HTTPS with this certificate; plain HTTP without one. */
  readonly certificate?: Certificate
  /** Which `Host` is this server; when left out, only `127.0.0.1` with its port. */
  readonly hostAllowed?: (host: string | undefined) => boolean
  /** Who may connect at all; everybody when left out. */
  readonly peerAllowed?: (address: string | undefined) => boolean
  readonly limits?: Partial<ConnectionLimits>
  /** Whether agents may connect at this moment; others hear 503. Always when left out. */
  readonly agentsAllowed?: () => boolean
  /** Told of every connection that was one too many. */
  readonly onTooMany?: () => void
  /** Asked first, whatever the `Host`, also before there is an authority; true when it answered. */
  readonly probe?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface ServeOptions {
  readonly authority: Pick<Authority, 'handlers' | 'events' | 'requestListener'>
  readonly authenticate: Authenticate
  /** Further parts of the server; they see to their own authentication. */
  readonly mounts?: readonly Mount[]
}

export interface AuthorityServer {
  /** `http://127.0.0.1:<port>`; an embedded authority's OpenID issuer. */
  readonly url: string
  /** From now on requests are served; before, everything answers 503. */
  serve(options: ServeOptions): void
  /** Connected agents at this moment. */
  readonly sockets: number
  /** Who waits for its turn at this moment: connections, and agents, those that have gone included. */
  readonly waiting: Readonly<Record<'handshake' | 'proof' | 'hello', number>>
  /** As `AgentSocket`. */
  sendAway(options: { readonly reason: string; readonly spread: number }): void
  /** New connections get this certificate; those that are there stay. Throws for one that does not fit. */
  changeCertificate(certificate: Certificate): void
  /** Answers what is under way, then closes; sockets are told within `spread` ms, each at its own moment. */
  dispose(options?: { readonly spread?: number }): Promise<void>
}

/** Binds an address, the loopback's unless told otherwise; the port is known before the authority that serves it exists. */
export async function listen(options: ListenOptions): Promise<AuthorityServer> {
  const { host = '127.0.0.1', port, certificate, probe = () => false } = options
  const { peerAllowed = () => true, agentsAllowed = () => true, onTooMany = () => {} } = options
  let ending = false
  let serving: { readonly http: RequestListener; readonly socket: AgentSocket } | null = null
  const { connections, handshake, headers, request } = { ...defaultLimits, ...options.limits }
  const limits = {
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: Math.min(lookEvery, headers),
  }
  const tls = {
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshake,
    pauseOnConnect: true,
    // Node would keep a copy of a list for each connection, in memory that others are done with.
    ALPNCallback: ({ protocols }: { protocols: string[] }) => protocols.find(isHttp),
  } as const
  const secure = certificate ? createTlsServer({ ...limits, ...certificate, ...tls }) : null
  const door = secure && admitInTurn(secure, { silence: handshake, onLate: onTooMany })
  const server: Server = secure ?? createServer(limits)
  server.maxConnections = connections
  server.on('drop', () => onTooMany())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: bound } = server.address() as AddressInfo
  const hostAllowed = options.hostAllowed ?? createHostCheck(bound)
  const refuse = (response: ServerResponse, status: number) =>
    void response
      .writeHead(status, {
        connection: 'close',
        ...(status === 503 ? { 'retry-after': '1' } : {}),
      })
      .end()

  server.on('connection', (socket) => {
    if (!peerAllowed(socket.remoteAddress)) socket.destroy()
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (probe(request, response)) return
    if (!hostAllowed(request.headers.host)) return refuse(response, 421)
    if (!serving) return refuse(response, 503)
    serving.http(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (serving && !ending && agentsAllowed()) serving.socket.upgrade(request, socket, head)
    else refuseUpgrade(socket, '503 Service Unavailable')
  })

  return {
    url: `http://127.0.0.1:${bound}`,
    serve({ authority, authenticate, mounts = [] }) {
      const { handlers, events, requestListener } = authority
      const app = getRequestListener(createApp({ handlers, authenticate, mounts }).fetch)
      serving = {
        http: (request, response) => {
          if (!requestListener(request, response)) void app(request, response)
        },
        socket: createAgentSocket({ handlers, events, hostAllowed, authenticate }),
      }
    },
    get waiting() {
      const { proofs = 0, hellos = 0 } = serving?.socket.waiting ?? {}
      return { handshake: door?.waiting ?? 0, proof: proofs, hello: hellos }
    },
    get sockets() {
      return serving?.socket.size ?? 0
    },
    sendAway: (how) => serving?.socket.sendAway(how),
    changeCertificate(next) {
      if (!secure) throw new Error('This server has no TLS.')
      secure.setSecureContext({ ...next, minVersion: 'TLSv1.2' })
    },
    async dispose({ spread = 0 } = {}) {
      ending = true
      await serving?.socket.dispose({ spread })
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      door?.dismiss()
      server.closeIdleConnections()
      const force = setTimeout(() => server.closeAllConnections(), 2_000)
      await closed
      clearTimeout(force)
    },
  }
}
