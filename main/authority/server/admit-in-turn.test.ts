import { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { admitInTurn } from './admit-in-turn.ts'

/** At a time. */
const places = 32
/** That begin in one round of the event loop. */
const inOneRound = 8
/** For which somebody has one, ms. */
const placeTime = 50
/** After which nobody is let in any more, ms. */
const patience = 8_000
/** How long one may say nothing here, ms. */
const silence = 30_000

/** Stands for a socket that was accepted. */
class StandInSocket extends Duplex {
  readonly remoteAddress = '192.0.2.1'
  readonly remotePort: number
  constructor(remotePort: number) {
    super({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    this.remotePort = remotePort
  }
}

/** Stands for a TLS server: what it was given, by the order in which it came, and what has not ended. */
function standInServer() {
  const server = new EventEmitter()
  const begun: number[] = []
  const underWay = new Set<number>()
  server.on('connection', ({ remotePort }: StandInSocket) => {
    begun.push(remotePort)
    underWay.add(remotePort)
  })
  let at = 0
  const door = admitInTurn(server as Server, { silence, now: () => at })
  const sockets: StandInSocket[] = []
  const happen = async () => {
    for (let round = 0; round < 4; round += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    server,
    begun,
    underWay,
    sockets,
    dismiss: () => door.dismiss(),
    waiting: () => door.waiting,
    /** So many that say something; with nothing to say they keep silent. */
    connect: async (count: number, say = 'hello') => {
      for (let n = 0; n < count; n += 1) {
        const socket = new StandInSocket(sockets.length)
        sockets.push(socket)
        server.emit('connection', socket)
        if (say !== '' && !socket.destroyed) socket.push(say)
      }
      await happen()
    },
    /** The handshake's end: the server tells it with another socket, that of TLS. */
    secure: async (remotePort: number) => {
      underWay.delete(remotePort)
      server.emit('secureConnection', { remoteAddress: '192.0.2.1', remotePort })
      await happen()
    },
    close: async (remotePort: number) => {
      underWay.delete(remotePort)
      sockets[remotePort]?.destroy()
      await happen()
    },
    /** Only for those who look at the time. */
    wait: (ms: number) => void (at += ms),
    pass: async (ms: number) => {
      at += ms
      await vi.advanceTimersByTimeAsync(ms)
      await happen()
    },
    closed: () => sockets.filter(({ destroyed }) => destroyed).map(({ remotePort }) => remotePort),
  }
}

// Rounds of the event loop are real ones.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

test('who comes alone and speaks begins at once, with what it said still to be read', async () => {
  const { begun, sockets, connect } = standInServer()
  await connect(1)
  expect(begun).toEqual([0])
  expect(String(sockets[0]?.read())).toBe('hello')
})

test('no more than 32 are under way, and with each that ends or closes one more begins', async () => {
  const { begun, underWay, connect, secure, close, waiting } = standInServer()
  await connect(200)
  expect(begun).toHaveLength(places)
  expect(waiting()).toBe(200 - places)
  for (let ended = 1; ended <= 200; ended += 1) {
    const [first = -1] = underWay
    if (ended % 3 === 0) await close(first)
    else await secure(first)
    expect(begun).toHaveLength(Math.min(200, places + ended))
    expect(underWay.size).toBe(Math.min(places, 200 - ended))
  }
  expect(new Set(begun).size).toBe(200)
  expect(waiting()).toBe(0)
})

test('of many that come at once, and of many whose turn it is, 8 begin in one round of the event loop', async () => {
  const { server, begun } = standInServer()
  const inRounds: number[] = []
  let before = 0
  const look = () => {
    inRounds.push(begun.length - before)
    before = begun.length
  }
  for (let n = 0; n < 200; n += 1) {
    const socket = new StandInSocket(n)
    server.emit('connection', socket)
    socket.push('hello')
  }
  const rounds = async () => {
    await new Promise((resolve) => process.nextTick(resolve))
    look()
    for (let round = 1; round < places / inOneRound; round += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      look()
    }
  }
  await rounds()
  expect(begun).toHaveLength(places)
  await new Promise((resolve) => setImmediate(resolve))
  for (const remotePort of begun.slice())
    server.emit('secureConnection', { remoteAddress: '192.0.2.1', remotePort })
  await rounds()
  expect(begun).toHaveLength(2 * places)
  expect(new Set(inRounds)).toEqual(new Set([inOneRound]))
})

test('those that have gone while they waited cost whoever is there no round', async () => {
  const { server, begun, connect, close } = standInServer()
  await connect(places + 1_000)
  const waited = [...Array(places + 1_000).keys()].filter((at) => !begun.includes(at))
  // Neither the newest nor the one that waits longest.
  const [left = -1] = waited.splice(500, 1)
  for (const at of waited) await close(at)
  const before = begun.length
  server.emit('secureConnection', { remoteAddress: '192.0.2.1', remotePort: begun[0] })
  server.emit('secureConnection', { remoteAddress: '192.0.2.1', remotePort: begun[1] })
  expect(begun.slice(before)).toEqual([left])
})

test('500 a second that say hello and stall, for half a minute, keep nobody waiting', async () => {
  const { begun, connect, pass, closed } = standInServer()
  const waiting = new Map<number, number>()
  let longest = 0
  let came = 0
  for (let at = 0; at < 30_000; at += 20) {
    await connect(10)
    came += 10
    if (at % 100 === 0) {
      await connect(1)
      waiting.set(came, at)
      came += 1
    }
    await pass(20)
    for (const name of begun.slice(-200)) waiting.delete(name)
    for (const since of waiting.values()) longest = Math.max(longest, at - since)
  }
  expect(longest).toBeLessThanOrEqual(100)
  expect(closed()).toEqual([])
})

test('one that ends and then closes gives one place away', async () => {
  const { begun, connect, secure, close } = standInServer()
  await connect(places + 2)
  const [first = -1] = begun
  await secure(first)
  await close(first)
  expect(begun).toHaveLength(places + 1)
})

test('who waits longest goes first, and some places are for who came last', async () => {
  const { begun, connect, secure } = standInServer()
  await connect(1_000)
  for (let n = 0; n < 100; n += 1) await secure(begun[n] ?? -1)
  const longest = begun.filter((at) => at < 500)
  const newest = begun.filter((at) => at >= 500)
  expect(longest).toEqual(longest.map((_, at) => at))
  expect(newest).toEqual(newest.map((_, at) => 999 - at))
  expect(newest.length).toBeGreaterThan(0)
  expect(newest.length).toBeLessThan(longest.length / 2)
})

test('who takes long loses its place, not its connection, and gives no second one away', async () => {
  const { begun, connect, secure, close, pass, closed } = standInServer()
  await connect(2 * places + 1)
  await pass(placeTime - 1)
  expect(begun).toHaveLength(places)
  await pass(1)
  expect(begun).toHaveLength(2 * places)
  expect(closed()).toEqual([])
  const [first = -1, second = -1] = begun
  await secure(first)
  await close(second)
  expect(begun).toHaveLength(2 * places)
})

test('who has waited more than 8 s is closed and never begins', async () => {
  const { begun, sockets, connect, secure, wait, closed } = standInServer()
  await connect(places + 2)
  const [first = -1, second = -1] = begun
  wait(patience)
  await secure(first)
  expect(begun).toHaveLength(places + 1)
  wait(1)
  await secure(second)
  expect(begun).toHaveLength(places + 1)
  const late = sockets.map(({ remotePort }) => remotePort).filter((at) => !begun.includes(at))
  expect(closed()).toEqual(late)
})

test('who has said half of a record takes no place; who does not speak TLS is told so at once', async () => {
  const { begun, sockets, connect, pass } = standInServer()
  await connect(1, '')
  sockets[0]?.push(Buffer.from([22, 3, 1, 0, 4, 1, 2, 3]))
  await connect(1)
  expect(begun).toEqual([1])
  sockets[0]?.push(Buffer.from([4]))
  await pass(0)
  expect(begun).toEqual([1, 0])
  expect(sockets[0]?.read()).toEqual(Buffer.from([22, 3, 1, 0, 4, 1, 2, 3, 4]))
})

test('who says nothing takes no place, and is closed in the end; who speaks in time is not', async () => {
  const { begun, sockets, connect, pass, closed } = standInServer()
  await connect(places + 1, '')
  await pass(silence - 1)
  sockets[0]?.push('hello')
  await connect(1)
  expect(begun).toEqual([0, places + 1])
  await pass(1)
  expect(closed()).toEqual(Array.from({ length: places }, (_, n) => n + 1))
  // How long a handshake may take is the server's own business.
  await pass(silence)
  expect(closed()).toHaveLength(places)
})

test('who goes without a word, by its own end or by a fault, is closed and never begins', async () => {
  const { begun, sockets, connect, pass, closed } = standInServer()
  await connect(2, '')
  sockets[0]?.push(null)
  sockets[1]?.emit('error', new Error('ECONNRESET'))
  await pass(0)
  expect([begun, closed()]).toEqual([[], [0, 1]])
})

test('one that a later listener turns away never begins', async () => {
  const { server, begun, connect } = standInServer()
  server.on('connection', (socket: StandInSocket) => {
    if (socket.remotePort % 2 === 0) socket.destroy()
  })
  await connect(4)
  expect(begun).toEqual([1, 3])
})

test('one that has gone while it waited takes no place', async () => {
  const { begun, underWay, connect, secure, close } = standInServer()
  await connect(places + 4)
  const waiting = [...Array(places + 4).keys()].filter((at) => !begun.includes(at))
  for (const at of waiting.slice(1)) await close(at)
  const [first = -1] = begun
  await secure(first)
  expect(begun.at(-1)).toBe(waiting[0])
  expect(underWay.size).toBe(places)
})

test('let go of, all are closed but those whose handshake has ended, and none begins any more', async () => {
  const { begun, sockets, connect, secure, dismiss, pass } = standInServer()
  await connect(1)
  const [first = -1] = begun
  await secure(first)
  await connect(100)
  await connect(100, '')
  dismiss()
  for (const { remotePort, destroyed } of sockets) expect(destroyed).toBe(remotePort !== first)
  await pass(silence)
  expect(begun).toHaveLength(1 + places)
})
