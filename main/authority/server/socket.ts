import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { UnderWay } from '../../under-way.ts'
import type { Caller, Handlers } from '../context.ts'
import type { EventHub, EventSubscription } from '../events/index.ts'
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
import { keepAlive } from './keep-alive.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

const path = '/agent/v1/socket'
/** A consumer this far behind is cut off; it reconciles when it comes back. */
const maxBuffered = 1024 * 1024
/** RFC 6455, 7.4.1. */
const tryAgainLater = 1013
/** Calls of one agent that may be under way at once. */
const maxPending = 64
/**
 * Taken until the connection is gone: the sooner a sign-out counts the better, and whoever hears no
 * answer says it again elsewhere. Anything else that could not be answered any more is not begun.
 */
const repeatable = /^session\.(end|shield|secured|cleared)$/
/** Taken as long as it can be answered: nobody is sent through the emergency screens twice. */
const emergency = /^(fallback|override)\./
/** Agents whose proof is looked at, and agents that are greeted, at a time: a whole house may come back at once. */
const atOnce = 32
/** Whoever has waited longer for its proof to be looked at has gone, or is about to, ms. */
const patience = 8_000
/** Whoever does not answer a close by then is asleep or gone, ms. */
const closeTime = 500

export interface SocketOptions {
  readonly handlers: Handlers
  readonly events: EventHub
  readonly hostAllowed: (host: string | undefined) => boolean
  readonly authenticate: Authenticate
}

export interface AgentSocket {
  /** For the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Closes every connection of this moment when its calls are answered, within `spread` ms: this node
   * can do nothing for them.
   */
  sendAway(options: { readonly reason: string; readonly spread: number }): void
  /**
   * Calls under way finish and are answered; then every connection closes with 1001, each at its own
   * moment within `spread` ms, so that not all agents turn to another node at once.
   */
  dispose(options?: { readonly spread?: number }): Promise<void>
  /** Connections at this moment. */
  readonly size: number
  /** Agents whose proof, and whose hello, has not come to its turn. */
  readonly waiting: { readonly proofs: number; readonly hellos: number }
}

/** The second time for what was taken during the first. */
async function twice(ended: () => Promise<void> | undefined): Promise<void> {
  await ended()
  await ended()
}

/** The agent's WebSocket: calls with their answers, and events from the first hello on. */
export function createAgentSocket(options: SocketOptions): AgentSocket {
  const { handlers, events, hostAllowed, authenticate } = options
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  const underWay = new UnderWay()
  const ofClient = new WeakMap<WebSocket, UnderWay>()
  const lines = keepAlive()
  const leaving = new WeakSet<WebSocket>()
  const doors = pLimit(atOnce)
  const greetings = pLimit(atOnce)
  let stopping = false

  function closeAfterCalls(client: WebSocket, code: number, reason: string): void {
    leaving.add(client)
    const calls = ofClient.get(client)
    void twice(() => calls?.ended()).then(() => part(client, code, reason))
  }

  function isTaken(client: WebSocket, call: string): boolean {
    if (repeatable.test(call)) return true
    if (client.readyState !== WebSocket.OPEN) return false
    return emergency.test(call) || !(stopping || leaving.has(client))
  }

  function part(client: WebSocket, code: number, reason: string): void {
    client.close(code, reason)
    setTimeout(() => client.terminate(), closeTime).unref()
  }

  /** One after the other, evenly: nothing is gained by leaving it to chance. */
  function closeEach(code: number, reason: string, spread: number): void {
    const clients = [...server.clients]
    for (const [at, client] of clients.entries())
      setTimeout(() => closeAfterCalls(client, code, reason), (spread * at) / clients.length)
  }

  function attend(client: WebSocket, authenticated: Caller): void {
    const caller = { ...authenticated, connection: createConnection(client) }
    const workstation = caller.workstation.id
    let following: EventSubscription | null = null
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
      if (!isTaken(client, call)) {
        // Whoever was refused this cuts the line, and with it what is still to be answered.
        if (call === 'agent.hello') return
        return fail(id, 'store-busy', 'This connection is about to be closed.')
      }
      if (pending >= maxPending) return fail(id, 'store-busy', 'Too many calls at once.')
      if (call === 'agent.hello') return greet(id, params)
      pending += 1
      const result = await dispatch(handlers, call, params, caller)
      pending -= 1
      send({ id, ...result })
    }

    /** What was missed comes before the answer, what happened meanwhile after it. */
    async function greet(id: number, params: unknown): Promise<void> {
      following?.end()
      // Before anything is read, so that nothing falls between.
      const mine = events.follow(workstation, tell, startAnew)
      following = mine
      pending += 1
      const greeted = await greetings(async () => {
        if (!isTaken(client, 'agent.hello')) return null
        const result = await dispatch(handlers, 'agent.hello', params, caller)
        const missed = result.ok ? await missedBefore(params, result.value).catch(() => null) : []
        return { result, missed }
      })
      pending -= 1
      if (!greeted) return
      const { result, missed } = greeted
      if (!missed) return fail(id, 'store-busy', 'What was missed cannot be read now.')
      for (const event of missed) tell(event)
      send({ id, ...result })
      if (result.ok) mine.from(procedures['agent.hello'].response.parse(result.value).seq)
    }

    /** What it was told is lost: with the hello of its next connection it takes everything anew. */
    function startAnew(): void {
      // Of a failover all of them hear at once.
      const wait = Math.random() * server.clients.size
      setTimeout(() => closeAfterCalls(client, 1012, 'events were lost'), wait)
    }

    async function missedBefore(params: unknown, value: unknown) {
      const { afterSeq } = procedures['agent.hello'].request.parse(params)
      const { seq } = procedures['agent.hello'].response.parse(value)
      if (afterSeq >= seq) return []
      const missed = await events.since(workstation, afterSeq)
      return missed.filter((event) => event.seq <= seq)
    }

    const calls = new UnderWay()
    ofClient.set(client, calls)
    lines.watch(client)
    client.on('error', () => client.terminate())
    client.on('close', () => following?.end())
    client.on('message', (data: RawData, binary: boolean) => {
      if (binary) return client.close(1003, 'text only')
      const leave = [underWay.enter(), calls.enter()]
      void answer(textOf(data)).finally(() => {
        for (const left of leave) left()
      })
    })
  }

  return {
    upgrade(request, socket, head) {
      const refuse = (status: string) => refuseUpgrade(socket, status)
      if (!hostAllowed(request.headers.host)) return refuse('421 Misdirected Request')
      if (request.url !== path) return refuse('404 Not Found')
      // An agent is no browser: a page that found this port has an origin.
      if (request.headers.origin !== undefined) return refuse('403 Forbidden')
      const { method = '', url, headers } = request
      const since = performance.now()
      const look = () => {
        const isLate = performance.now() - since > patience
        if (stopping || isLate || socket.destroyed) throw new Error('Nobody waits for it.')
        return authenticate({ method, url, headers })
      }
      doors(look).then(
        (caller) => {
          if (caller)
            server.handleUpgrade(request, socket, head, (client) => attend(client, caller))
          else refuse('401 Unauthorized')
        },
        () => refuse('503 Service Unavailable'),
      )
    },
    get size() {
      return server.clients.size
    },
    get waiting() {
      return { proofs: doors.pendingCount, hellos: greetings.pendingCount }
    },
    sendAway: ({ reason, spread }) => closeEach(tryAgainLater, reason, spread),
    async dispose({ spread = 0 } = {}) {
      lines.dispose()
      const some = server.clients.size > 0
      if (spread > 0) closeEach(1001, 'stopping', spread)
      if (spread > 0 && some) await new Promise((resolve) => setTimeout(resolve, spread))
      stopping = true
      await twice(() => underWay.ended())
      for (const client of server.clients) part(client, 1001, 'stopping')
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
