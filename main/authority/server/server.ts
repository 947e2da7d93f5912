import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Authority } from '../authority.ts'
import { createApp } from './app.ts'
import { type Authenticate, createHostCheck } from './authentication.ts'
import { type AgentSocket, createAgentSocket } from './socket.ts'

export interface AuthorityServer {
  /** `http://127.0.0.1:<port>`, the OpenID issuer. */
  readonly url: string
  /** From now on requests are served; before, everything answers 503. */
  serve(options: {
    readonly authority: Pick<Authority, 'handlers' | 'events' | 'requestListener'>
    readonly authenticate: Authenticate
  }): void
  /** Answers what is under way, then closes. */
  dispose(): Promise<void>
}

/** Binds the loopback address; the port is known before the authority that serves it exists. */
export async function listen(port: number): Promise<AuthorityServer> {
  let serving: { readonly http: RequestListener; readonly socket: AgentSocket } | null = null
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: bound } = server.address() as AddressInfo
  const hostAllowed = createHostCheck(bound)
  const refuse = (response: ServerResponse, status: number) =>
    void response.writeHead(status, { connection: 'close' }).end()

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hostAllowed(request.headers.host)) return refuse(response, 421)
    if (!serving) return refuse(response, 503)
    serving.http(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (serving) serving.socket.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
  })

  return {
    url: `http://127.0.0.1:${bound}`,
    serve({ authority, authenticate }) {
      const { handlers, events, requestListener } = authority
      const app = getRequestListener(createApp({ handlers, authenticate }).fetch)
      serving = {
        http: (request, response) => {
          if (!requestListener(request, response)) void app(request, response)
        },
        socket: createAgentSocket({ handlers, events, hostAllowed, authenticate }),
      }
    },
    async dispose() {
      await serving?.socket.dispose()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const force = setTimeout(() => server.closeAllConnections(), 2_000)
      await closed
      clearTimeout(force)
    },
  }
}
