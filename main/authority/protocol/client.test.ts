import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { connectAuthority } from './client.ts'
import type { AuthorityClient } from './authority-client.ts'
import type { AuthorityEvent } from './events.ts'
import type { Request } from './procedures.ts'

const secret = 'a'.repeat(64)

/** A peer that speaks the frames of the authority, and misbehaves on request. */
interface Peer {
  readonly url: string
  readonly hellos: Request<'agent.hello'>[]
  readonly sockets: WebSocket[]
  seq: number
  /** What it still keeps for who missed it. */
  log: AuthorityEvent[]
  mute: boolean
  answer: unknown
  emit(event: AuthorityEvent): void
  close(): Promise<void>
}

async function startPeer(port = 0): Promise<Peer> {
  const http: Server = createServer()
  const server = new WebSocketServer({ server: http, path: '/agent/v1/socket' })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const peer: Peer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    hellos: [],
    sockets: [],
    seq: 0,
    log: [],
    mute: false,
    answer: {},
    emit(event) {
      for (const socket of server.clients) socket.send(JSON.stringify({ event }))
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  server.on('connection', (socket, request) => {
    if (request.headers.authorization !== `Bearer ${secret}`) return socket.close()
    peer.sockets.push(socket)
    socket.on('message', (data: Buffer) => {
      const { id, call, params } = JSON.parse(data.toString()) as {
        id: number
        call: string
        params: Request<'agent.hello'>
      }
      if (call === 'agent.hello') {
        peer.hellos.push(params)
        for (const event of peer.log)
          if (event.seq > params.afterSeq) socket.send(JSON.stringify({ event }))
        const value = {
          now: 0,
          rpId: 'lanyard.example',
          origin: 'https://agent.lanyard.example',
          seq: peer.seq,
          sessions: [],
          applications: [],
          policy: {},
          offline: null,
        }
        socket.send(JSON.stringify({ id, ok: true, value }))
      } else if (!peer.mute) socket.send(JSON.stringify({ id, ok: true, value: peer.answer }))
    })
  })
  return peer
}

let peer: Peer
let client: AuthorityClient
let states: string[]
beforeEach(async () => {
  peer = await startPeer()
  states = []
})
afterEach(async () => {
  await client.dispose()
  await peer.close()
})

function connect(options: { afterSeq?: number; timeout?: number; url?: string } = {}) {
  client = connectAuthority({
    url: peer.url,
    secret,
    timeout: 500,
    backoff: { first: 50, longest: 50 },
    ...options,
  })
  client.onConnection((state) => states.push(state))
}
const report = () => client.call('workstation.report', { event: 'reader-ready', detail: {} })
const ended = (seq: number): AuthorityEvent => ({
  seq,
  type: 'override.ended',
  sessionId: 's' as never,
  overrideId: 'o',
})

test('it says hello first, and a call made meanwhile waits for that', async () => {
  connect({ afterSeq: 4 })
  expect(await report()).toEqual({})
  expect(peer.hellos).toEqual([{ protocol: 1, afterSeq: 4, instance: '' }])
  expect(states).toEqual(['online'])
})

test('who listens late hears at once that it is online', async () => {
  connect()
  await report()
  const late: string[] = []
  client.onConnection((state, hello) => late.push(`${state} ${hello?.rpId}`))
  expect(late).toEqual(['online lanyard.example'])
})

test('a lost connection comes back by itself, with a hello from where it was', async () => {
  connect()
  await report()
  peer.emit(ended(1))
  await report()
  peer.seq = 1
  for (const socket of peer.sockets) socket.terminate()
  await expect.poll(() => states).toEqual(['online', 'offline', 'online'])
  expect(peer.hellos.at(-1)?.afterSeq).toBe(1)
  expect(await report()).toEqual({})
})

test('a peer that starts again on the same port is found again', async () => {
  connect()
  await report()
  const { port } = new URL(peer.url)
  await peer.close()
  await expect.poll(() => states).toEqual(['online', 'offline'])
  await expect(report()).rejects.toMatchObject({ code: 'unreachable' })
  peer = await startPeer(Number(port))
  await expect.poll(() => states).toEqual(['online', 'offline', 'online'])
})

test('a call that is under way when the connection breaks fails as unreachable', async () => {
  connect()
  await report()
  peer.mute = true
  const lost = report()
  setTimeout(() => peer.sockets[0]?.terminate(), 20)
  await expect(lost).rejects.toMatchObject({ name: 'AuthorityError', code: 'unreachable' })
})

test('a call without an answer times out, and a late answer harms nobody', async () => {
  connect()
  await report()
  peer.mute = true
  await expect(report()).rejects.toMatchObject({ code: 'timeout' })
  peer.sockets[0]?.send(JSON.stringify({ id: 2, ok: true, value: {} }))
  peer.mute = false
  expect(await report()).toEqual({})
})

test('an answer in another form is not passed on', async () => {
  connect()
  peer.answer = { surprise: true }
  await expect(report()).rejects.toMatchObject({ code: 'internal' })
})

test('a refused call carries its code', async () => {
  connect()
  await report()
  peer.mute = true
  const refused = report()
  const error = { code: 'log-unavailable', message: 'no space' }
  peer.sockets[0]?.send(JSON.stringify({ id: 2, ok: false, error }))
  await expect(refused).rejects.toMatchObject({ code: 'log-unavailable' })
})

test('events arrive once and in order; a gap makes it say hello again', async () => {
  connect()
  await report()
  const seen: number[] = []
  const stop = client.onEvent(({ seq }) => seen.push(seq))
  for (const seq of [1, 2, 2, 1]) peer.emit(ended(seq))
  await report()
  expect(seen).toEqual([1, 2])
  expect(peer.hellos).toHaveLength(1)
  peer.log = [3, 4, 5].map(ended)
  peer.seq = 5
  peer.emit(ended(5))
  await expect.poll(() => peer.hellos).toHaveLength(2)
  await expect.poll(() => states).toEqual(['online', 'online'])
  expect(seen).toEqual([1, 2, 3, 4, 5])
  stop()
  peer.emit(ended(6))
  await report()
  expect(seen).toEqual([1, 2, 3, 4, 5])
})

test('what is not kept any more is passed over by the hello', async () => {
  connect()
  await report()
  const seen: number[] = []
  client.onEvent(({ seq }) => seen.push(seq))
  peer.seq = 300
  peer.emit(ended(300))
  await expect.poll(() => peer.hellos).toHaveLength(2)
  peer.emit(ended(301))
  await report()
  expect(seen).toEqual([301])
})

test('an authority that restarted counts anew, and its events are heard', async () => {
  connect({ afterSeq: 17 })
  await report()
  const seen: number[] = []
  client.onEvent(({ seq }) => seen.push(seq))
  peer.emit(ended(1))
  await report()
  expect(seen).toEqual([1])
})

test('a peer that talks nonsense is dropped and tried again', async () => {
  connect()
  await report()
  peer.sockets[0]?.send('nonsense')
  await expect.poll(() => states).toEqual(['online', 'offline', 'online'])
})

test('with nobody there the first call waits for the first attempt only', async () => {
  connect({ url: 'http://127.0.0.1:1' })
  await expect(report()).rejects.toMatchObject({ code: 'unreachable' })
  expect(states).toEqual(['offline'])
})

test('after dispose nothing reconnects and calls are refused', async () => {
  connect()
  await report()
  await client.dispose()
  await expect(report()).rejects.toMatchObject({ code: 'unreachable' })
  await expect.poll(() => peer.sockets[0]?.readyState).toBe(3)
  expect(states).toEqual(['online'])
  expect(peer.sockets).toHaveLength(1)
})

test('headers are asked for anew with every connection', async () => {
  let asked = 0
  const headers = () => {
    asked += 1
    return asked === 2
      ? Promise.reject(new Error('the key is not there yet'))
      : Promise.resolve({ authorization: `Bearer ${secret}` })
  }
  const backoff = { first: 10, longest: 10 }
  client = connectAuthority({ url: peer.url, headers, instance: 'i-1', backoff })
  await report()
  for (const socket of peer.sockets) socket.terminate()
  await expect.poll(() => peer.hellos).toHaveLength(2)
  expect(asked).toBe(3)
  expect(peer.hellos.map(({ instance }) => instance)).toEqual(['i-1', 'i-1'])
})

test('an answer instead of a connection is told, and tried again', async () => {
  const refusals: number[] = []
  const http = createServer()
  http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  client = connectAuthority({
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    secret,
    backoff: { first: 5, longest: 5 },
    onRefused: ({ status }) => refusals.push(status),
  })
  await expect.poll(() => refusals.slice(0, 2)).toEqual([401, 401])
  await client.dispose()
  await new Promise((resolve) => http.close(resolve))
})

test('a machine that wakes up does not wait out the pause', async () => {
  const backoff = { first: 3_600_000, longest: 3_600_000 }
  const connected = connectAuthority({ url: peer.url, secret, backoff })
  client = connected
  await report()
  for (const socket of peer.sockets) socket.terminate()
  await expect(report()).rejects.toMatchObject({ code: 'unreachable' })
  connected.reconnectNow()
  await expect.poll(() => peer.hellos).toHaveLength(2)
})

test('a connection on which nothing comes is given up', async () => {
  const backoff = { first: 10, longest: 10 }
  client = connectAuthority({ url: peer.url, secret, backoff, silence: 100 })
  await report()
  await expect.poll(() => peer.hellos.length).toBeGreaterThan(2)
})

test('an agent that has seen nothing yet is told nothing of the past', async () => {
  peer.seq = 2
  peer.log = [1, 2].map(ended)
  client = connectAuthority({ url: peer.url, secret, backoff: { first: 10, longest: 10 } })
  const seen: number[] = []
  client.onEvent(({ seq }) => seen.push(seq))
  await report()
  peer.log.push(ended(3))
  peer.seq = 3
  for (const socket of peer.sockets) socket.terminate()
  await expect.poll(() => peer.hellos).toHaveLength(2)
  await expect.poll(() => seen).toEqual([3])
})
