import { WebSocket } from 'ws'
import {
  type AuthorityClient,
  AuthorityError,
  type AuthorityEvent,
  type Call,
  procedures,
  type Request,
  type Response,
  responseFrameSchema,
} from './procedures.ts'

export interface ConnectOptions {
  /** Base URL of the authority, `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Bearer secret of this agent. */
  readonly secret: string
  /** Last event seen before; what came since is delivered first. */
  readonly afterSeq?: number
  /** How long a call may take, ms. */
  readonly timeout?: number
  /** Longest wait between attempts to connect, ms; each wait is between half and all of it. */
  readonly maxBackoff?: number
}

type Hello = Response<'agent.hello'>
interface Pending {
  readonly settle: (
    frame: { ok: true; value: unknown } | { ok: false; error: AuthorityError },
  ) => void
}

const firstBackoff = 50

/**
 * Connects an agent to its authority over one WebSocket, and again whenever it is lost. A call made
 * while the first connection is under way waits for it; one made while offline is refused at once
 * with `unreachable`, because the person in front of the screen should be told.
 */
export function connectAuthority({
  url,
  secret,
  afterSeq = 0,
  timeout = 10_000,
  maxBackoff = 5_000,
}: ConnectOptions): AuthorityClient {
  const address = new URL('/agent/v1/socket', url.replace(/^http/, 'ws'))
  const eventListeners = new Set<(event: AuthorityEvent) => void>()
  const connectionListeners = new Set<Parameters<AuthorityClient['onConnection']>[0]>()
  const pending = new Map<number, Pending>()
  const waiting = new Set<() => void>()
  let socket: WebSocket | null = null
  let hello: Hello | null = null
  let state: 'connecting' | 'online' | 'offline' | 'disposed' = 'connecting'
  let lastSeq = afterSeq
  let nextId = 0
  let attempts = 0
  let greeting = false
  let retry: NodeJS.Timeout | null = null

  /** `heed` runs before the next frame is looked at, unlike what awaits the promise. */
  function send(call: Call, params: unknown, heed?: (value: unknown) => void): Promise<unknown> {
    const to = socket
    if (!to || to.readyState !== WebSocket.OPEN)
      return Promise.reject(new AuthorityError('unreachable', 'The authority cannot be reached.'))
    const id = nextId++
    return new Promise((resolve, reject) => {
      const late = () => settle({ ok: false, error: timedOut(call) })
      const timer = setTimeout(late, timeout)
      function settle(frame: Parameters<Pending['settle']>[0]): void {
        clearTimeout(timer)
        pending.delete(id)
        if (!frame.ok) return reject(frame.error)
        try {
          heed?.(frame.value)
          resolve(frame.value)
        } catch (error) {
          reject(error)
        }
      }
      pending.set(id, { settle })
      to.send(JSON.stringify({ id, call, params }))
    })
  }
  const timedOut = (call: Call) =>
    new AuthorityError('timeout', `${call} had no answer within ${timeout} ms.`)

  async function sayHello(): Promise<void> {
    if (greeting) return
    greeting = true
    const from = socket
    const params = { protocol: 1, afterSeq: lastSeq } satisfies Request<'agent.hello'>
    try {
      await send('agent.hello', params, (value) => {
        const said = procedures['agent.hello'].response.parse(value)
        hello = said
        // A restarted authority counts anew.
        lastSeq = said.seq
        attempts = 0
        state = 'online'
        greeting = false
        for (const wake of waiting) wake()
        for (const listener of connectionListeners) listener('online', said)
      })
    } catch {
      from?.terminate()
    }
  }

  function receive(text: string): void {
    const frame = responseFrameSchema.safeParse(parseJson(text))
    if (!frame.success) return socket?.terminate()
    if ('event' in frame.data) return heed(frame.data.event)
    const found = pending.get(frame.data.id)
    if (!found) return
    if (frame.data.ok) return found.settle({ ok: true, value: frame.data.value })
    const { code, message } = frame.data.error
    found.settle({ ok: false, error: new AuthorityError(code, message) })
  }

  function heed(event: AuthorityEvent): void {
    if (event.seq <= lastSeq) return
    const gap = event.seq !== lastSeq + 1
    lastSeq = event.seq
    for (const listener of eventListeners) listener(event)
    if (gap && !greeting) void sayHello()
  }

  function lost(): void {
    socket = null
    greeting = false
    const error = new AuthorityError('unreachable', 'The connection to the authority was lost.')
    for (const { settle } of pending.values()) settle({ ok: false, error })
    if (state === 'disposed') return
    const wasOffline = state === 'offline'
    state = 'offline'
    hello = null
    for (const wake of waiting) wake()
    if (!wasOffline) for (const listener of connectionListeners) listener('offline')
    const longest = Math.min(maxBackoff, firstBackoff * 2 ** Math.min(attempts, 16))
    attempts += 1
    // Half of it random: after a power cut a whole house reconnects at once.
    retry = setTimeout(connect, longest / 2 + Math.random() * (longest / 2))
  }

  function connect(): void {
    const opened = new WebSocket(address, {
      headers: { authorization: `Bearer ${secret}` },
      handshakeTimeout: timeout,
      maxPayload: 4 * 1024 * 1024,
      perMessageDeflate: false,
    })
    socket = opened
    opened.on('open', () => void sayHello())
    opened.on('message', (data: Buffer) => receive(data.toString('utf8')))
    // `close` follows and does the work.
    opened.on('error', () => {})
    opened.on('close', () => {
      if (opened === socket) lost()
    })
  }

  async function ready(call: Call): Promise<void> {
    if (state !== 'connecting') return
    let timer: NodeJS.Timeout | undefined
    let wake: (() => void) | undefined
    await new Promise<void>((resolve, reject) => {
      wake = resolve
      waiting.add(resolve)
      timer = setTimeout(() => reject(timedOut(call)), timeout)
    }).finally(() => {
      clearTimeout(timer)
      if (wake) waiting.delete(wake)
    })
  }

  connect()
  return {
    async call(call, params) {
      await ready(call)
      if (state !== 'online')
        throw new AuthorityError('unreachable', 'The authority cannot be reached.')
      const value = procedures[call].response.safeParse(await send(call, params))
      if (!value.success)
        throw new AuthorityError('internal', `${call} was answered in an unknown form.`, {
          cause: value.error,
        })
      return value.data as Response<typeof call>
    },
    onEvent(listener) {
      eventListeners.add(listener)
      return () => void eventListeners.delete(listener)
    },
    onConnection(listener) {
      connectionListeners.add(listener)
      if (state === 'online' && hello) listener('online', hello)
      return () => void connectionListeners.delete(listener)
    },
    async dispose() {
      state = 'disposed'
      if (retry) clearTimeout(retry)
      for (const wake of waiting) wake()
      const open = socket
      if (!open) return
      const closed = new Promise<void>((resolve) => open.once('close', () => resolve()))
      open.close(1000)
      const force = setTimeout(() => open.terminate(), 500)
      await closed
      clearTimeout(force)
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
