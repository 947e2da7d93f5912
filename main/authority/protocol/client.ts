import { WebSocket } from 'ws'
import { localBackoff, waitBefore } from './backoff.ts'
import type { ConnectOptions } from './connect-options.ts'
import type { AuthorityClient } from './authority-client.ts'
import { AuthorityError } from './call-error.ts'
import type { AuthorityEvent } from './events.ts'
import { type Call, procedures, type Request, type Response } from './procedures.ts'
import { responseFrameSchema } from './frames.ts'

export type { ConnectHeaders, ConnectOptions } from './connect-options.ts'

/** An agent's connection, which it can also hurry. */
export interface ConnectedAuthority extends AuthorityClient {
  /**
   * The machine woke up, or its network changed: connects now instead of when the wait is over, and
   * looks whether a connection that seems open still is one.
   */
  reconnectNow(): void
}

type Hello = Response<'agent.hello'>
interface Pending {
  readonly settle: (
    frame: { ok: true; value: unknown } | { ok: false; error: AuthorityError },
  ) => void
}

/** A live peer answers a ping within this, ms. */
const pongTime = 2_000
/** Of a connection that never came about (RFC 6455, 7.1.5). */
const noCode = 1006

/**
 * Connects an agent to its authority over one WebSocket, and again whenever it is lost. A call made
 * while the first connection is under way waits for it; one made while offline is refused at once
 * with `unreachable`, because the person in front of the screen should be told. Events are delivered
 * once each and in order, also across connections to different nodes; what was missed for good is
 * passed over by a hello, whose sessions are then the truth.
 */
export function connectAuthority({
  url,
  secret,
  headers = () => Promise.resolve({ authorization: `Bearer ${secret}` }),
  tls = {},
  afterSeq,
  instance = '',
  timeout = 10_000,
  backoff = localBackoff,
  silence = 45_000,
  onRefused = () => {},
  onClosed = () => {},
}: ConnectOptions): ConnectedAuthority {
  const address = new URL('/agent/v1/socket', url.replace(/^http/, 'ws'))
  const eventListeners = new Set<(event: AuthorityEvent) => void>()
  const connectionListeners = new Set<Parameters<AuthorityClient['onConnection']>[0]>()
  const pending = new Map<number, Pending>()
  const waiting = new Set<() => void>()
  let socket: WebSocket | null = null
  let hello: Hello | null = null
  let state: 'connecting' | 'online' | 'offline' | 'disposed' = 'connecting'
  /** Number of the last event; undefined before the first hello, for events of the past are none of ours. */
  let lastSeq = afterSeq
  let nextId = 0
  let attempts = 0
  let greeting = false
  let retry: NodeJS.Timeout | null = null
  /** Has a ping to answer. */
  let probed: WebSocket | null = null
  /** Counts attempts to connect, so that what belongs to an earlier one is known as such. */
  let attempt = 0

  /** `heed` runs before the next frame is looked at, unlike what awaits the promise. */
  function send(call: Call, params: unknown, heed?: (value: unknown) => void): Promise<unknown> {
    const to = socket
    if (!to || to.readyState !== WebSocket.OPEN)
      return Promise.reject(new AuthorityError('unreachable', 'The authority cannot be reached.'))
    const id = nextId++
    return new Promise((resolve, reject) => {
      const late = () => {
        settle({ ok: false, error: timedOut(call) })
        // Slow, or gone without a word?
        probe(to)
      }
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
    const after = lastSeq ?? Number.MAX_SAFE_INTEGER
    const params = { protocol: 1, afterSeq: after, instance } satisfies Request<'agent.hello'>
    try {
      await send('agent.hello', params, (value) => {
        const said = procedures['agent.hello'].response.parse(value)
        hello = said
        // Also backwards: an authority that was restored from a backup counts from there.
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
    if (lastSeq === undefined || event.seq <= lastSeq) return
    // What is missing comes again with the hello, and this after it.
    if (event.seq !== lastSeq + 1) return void sayHello()
    lastSeq = event.seq
    for (const listener of eventListeners) listener(event)
  }

  function lost(closeCode: number): void {
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
    retry = setTimeout(connect, waitBefore({ attempts, closeCode }, backoff, Math.random()))
    attempts += 1
  }

  function probe(open: WebSocket): void {
    if (open.readyState !== WebSocket.OPEN || probed === open) return
    probed = open
    const dead = setTimeout(() => open.terminate(), pongTime)
    const alive = () => {
      clearTimeout(dead)
      open.off('pong', alive).off('close', alive)
      if (probed === open) probed = null
    }
    open.on('pong', alive).on('close', alive)
    open.ping()
  }

  function connect(): void {
    retry = null
    const mine = ++attempt
    headers().then(
      (own) => {
        if (mine === attempt && state !== 'disposed') open(own)
      },
      () => {
        if (mine === attempt) lost(noCode)
      },
    )
  }

  function open(own: Readonly<Record<string, string>>): void {
    const opened = new WebSocket(address, {
      ...tls,
      headers: own,
      handshakeTimeout: timeout,
      maxPayload: 4 * 1024 * 1024,
      perMessageDeflate: false,
    })
    socket = opened
    const quiet = setTimeout(() => opened.terminate(), silence)
    const heard = () => void quiet.refresh()
    opened.on('open', () => void sayHello())
    opened.on('ping', heard).on('pong', heard)
    opened.on('message', (data: Buffer) => {
      heard()
      receive(data.toString('utf8'))
    })
    opened.on('unexpected-response', (_request, { statusCode = 0, headers: answered }) => {
      onRefused({ status: statusCode, headers: answered })
      opened.terminate()
    })
    // `close` follows and does the work.
    opened.on('error', () => {})
    opened.on('close', (code, reason) => {
      clearTimeout(quiet)
      if (opened !== socket) return
      onClosed({ code, reason: reason.toString('utf8') })
      lost(code)
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
    reconnectNow() {
      if (socket) return probe(socket)
      if (!retry) return
      clearTimeout(retry)
      attempts = 0
      connect()
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
