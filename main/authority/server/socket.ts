import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Caller, Handlers } from '../context.ts'
import type { EventHub } from '../events.ts'
import {
  type AuthorityEvent,
  type CallError,
  procedures,
  requestFrameSchema,
} from '../protocol/index.ts'
import type { Authenticate } from './authentication.ts'
import { maxBody } from './app.ts'
import { createConnection } from './connection.ts'
import { dispatch } from './dispatch.ts'

const path = '/agent/v1/socket'
const pingEvery = 20_000
/** A consumer this far behind is cut off; it reconciles when it comes back. */
const maxBuffered = 1024 * 1024
/** Calls of one agent that may be under way at once. */
const maxPending = 64

export interface SocketOptions {
  readonly handlers: Handlers
  readonly events: EventHub
  readonly hostAllowed: (host: string | undefined) => boolean
  readonly authenticate: Authenticate
}

export interface AgentSocket {
  /** For the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Calls under way finish and are answered; then every connection closes with 1001. */
  dispose(): Promise<void>
}

/** The agent's WebSocket: calls with their answers, and events from the first hello on. */
export function createAgentSocket(options: SocketOptions): AgentSocket {
  const { handlers, events, hostAllowed, authenticate } = options
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  const underWay = new Set<Promise<void>>()
  const awake = new WeakSet<WebSocket>()

  const pings = setInterval(() => {
    for (const client of server.clients) {
      if (!awake.has(client)) {
        client.terminate()
        continue
      }
      awake.delete(client)
      client.ping()
    }
  }, pingEvery)
  pings.unref()

  function attend(client: WebSocket, authenticated: Caller): void {
    const caller = { ...authenticated, connection: createConnection(client) }
    const workstation = caller.workstation.id
    let unsubscribe: (() => void) | null = null
    let pending = 0
    const send = (frame: object) => {
      if (client.readyState !== WebSocket.OPEN) return
      if (client.bufferedAmount > maxBuffered) client.terminate()
      else client.send(JSON.stringify(frame))
    }
    const fail = (id: number, code: CallError['code'], message: string) =>
      send({ id, ok: false, error: { code, message } })
    const tell = (event: AuthorityEvent) => send({ event })

    async function answer(text: string): Promise<void> {
      const frame = requestFrameSchema.safeParse(parseJson(text))
      // Without an id there is nothing to answer to; a peer that speaks so is no agent.
      if (!frame.success) return client.close(1008, 'not a request')
      const { id, call, params } = frame.data
      if (Buffer.byteLength(text) > maxBody)
        return fail(id, 'bad-request', `At most ${maxBody} bytes.`)
      if (pending >= maxPending) return fail(id, 'store-busy', 'Too many calls at once.')
      pending += 1
      const result = await dispatch(handlers, call, params, caller)
      pending -= 1
      if (call === 'agent.hello' && result.ok) {
        const { afterSeq } = procedures['agent.hello'].request.parse(params)
        const { seq } = procedures['agent.hello'].response.parse(result.value)
        // What was missed comes before the answer, what happened meanwhile after it.
        const missed = events.since(workstation, Math.min(afterSeq, seq))
        unsubscribe?.()
        unsubscribe = events.subscribe(workstation, tell)
        for (const event of missed) if (event.seq <= seq) tell(event)
        send({ id, ...result })
        for (const event of events.since(workstation, seq)) tell(event)
        return
      }
      send({ id, ...result })
    }

    awake.add(client)
    client.on('pong', () => awake.add(client))
    client.on('error', () => client.terminate())
    client.on('close', () => unsubscribe?.())
    client.on('message', (data: RawData, binary: boolean) => {
      if (binary) return client.close(1003, 'text only')
      const done = answer(textOf(data)).finally(() => underWay.delete(done))
      underWay.add(done)
    })
  }

  return {
    upgrade(request, socket, head) {
      const refuse = (status: string) =>
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
      if (!hostAllowed(request.headers.host)) return void refuse('421 Misdirected Request')
      if (request.url !== path) return void refuse('404 Not Found')
      // An agent is no browser: a page that found this port has an origin.
      if (request.headers.origin !== undefined) return void refuse('403 Forbidden')
      const { method = '', url, headers } = request
      authenticate({ method, url, headers }).then(
        (caller) => {
          if (caller)
            server.handleUpgrade(request, socket, head, (client) => attend(client, caller))
          else refuse('401 Unauthorized')
        },
        () => refuse('503 Service Unavailable'),
      )
    },
    async dispose() {
      clearInterval(pings)
      await Promise.allSettled(underWay)
      for (const client of server.clients) client.close(1001, 'stopping')
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data)
    ? Buffer.concat(data).toString('utf8')
    : Buffer.from(data).toString('utf8')
}
