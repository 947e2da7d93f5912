import type { Server, Socket } from 'node:net'

/** Handshakes under way at a time. */
const places = 32
/** That begin in one round of the event loop: together they keep it for 10 ms, on a slow machine 25. */
const inOneRound = 8
/**
 * Whoever has not ended its handshake by then goes on with it, but another one may begin, ms: a
 * place stands for what this server does, not for the network between, or for somebody who stalls.
 */
const placeTime = 50
/** An agent gives the whole of its connection 10 s; this is for it to wait here, ms. */
const patience = 8_000
/** Every so many places go to who came last, the others to who waits longest. */
const newestEvery = 4

export interface AdmitOptions {
  /** How long one may say nothing before its handshake, ms. */
  readonly silence: number
  /** Told of each that waited too long. */
  readonly onLate?: () => void
  readonly now?: () => number
}

export interface Admission {
  /** Connections that have said hello and wait for their handshake. */
  readonly waiting: number
  /** Lets go of all whose handshake has not ended. */
  dismiss(): void
}

interface Waiting {
  readonly socket: Socket
  readonly since: number
}

/** Of a record of TLS (RFC 8446, 5.1): type, version, length. */
const recordHeader = 5
const handshakeRecord = 22
const longestRecord = 16_384

const nothing = Buffer.alloc(0)

function cut(this: Socket): void {
  this.destroy()
}

/** Whether there is a first record, or what is none at all: TLS has an answer to that, too. */
function isWhole(said: Buffer): boolean {
  if (said.length < recordHeader) return said.length > 0 && said[0] !== handshakeRecord
  const length = Math.min(said.readUInt16BE(3), longestRecord)
  return said[0] !== handshakeRecord || said.length >= recordHeader + length
}

/**
 * Lets so many connections at a time into their TLS handshake. A house that comes back at once would
 * otherwise be taken in one go: seconds in which nobody is answered, at whose end many have given up
 * and come again. Whoever says nothing takes no place, and some places go to the newest, so that
 * what looks whether this server is well hears of it meanwhile. `server`: made with
 * `pauseOnConnect`.
 */
export function admitInTurn(
  server: Server,
  { silence, onLate = () => {}, now = () => performance.now() }: AdmitOptions,
): Admission {
  const handshakes = server.listeners('connection')
  server.removeAllListeners('connection')
  const silent = new Set<Socket>()
  /** Handshakes that have not ended, by the name of their connection. */
  const begun = new Map<string, { readonly socket: Socket; end(): void }>()
  let waiting: Waiting[] = []
  let taken = 0
  let admitted = 0
  /** In this round of the event loop. */
  let begunNow = 0

  /** Of connections that are open at the same time. */
  const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

  function attend(socket: Socket): void {
    silent.add(socket)
    let said = nothing
    const hear = () => {
      for (let data = socket.read(); data !== null; data = socket.read())
        said = Buffer.concat([said, data])
      if (!isWhole(said)) return
      letGo()
      socket.unshift(said)
      // Whatever outlives this must not keep it: two KB for each agent.
      said = nothing
      waiting.push({ socket, since: now() })
      admitNext()
    }
    const late = setTimeout(() => socket.destroy(), silence)
    const letGo = () => {
      silent.delete(socket)
      clearTimeout(late)
      socket.off('readable', hear).off('close', letGo).off('end', cut)
    }
    socket.on('readable', hear).on('close', letGo).on('end', cut)
    // Until its TLS has a listener of its own, and harmless beside it.
    socket.on('error', cut)
  }

  function admit({ socket, since }: Waiting): void {
    if (socket.destroyed) return
    // Whoever asked is about to give up: an answer would cost as much as one that is heard.
    if (now() - since > patience) {
      onLate()
      return void socket.destroy()
    }
    admitted += 1
    // Who has gone, or waited in vain, costs nobody a round.
    if (begunNow === 0) setImmediate(nextRound)
    begunNow += 1
    taken += 1
    let holds = true
    const leave = () => {
      if (!holds) return
      holds = false
      taken -= 1
      clearTimeout(slow)
      admitNext()
    }
    const slow = setTimeout(leave, placeTime)
    const name = nameOf(socket)
    const end = () => {
      socket.off('close', end)
      if (begun.get(name)?.socket === socket) begun.delete(name)
      leave()
    }
    begun.set(name, { socket, end })
    socket.once('close', end)
    for (const handshake of handshakes) handshake.call(server, socket)
  }

  function admitNext(): void {
    while (taken < places && begunNow < inOneRound) {
      const next = admitted % newestEvery === 0 ? waiting.pop() : waiting.shift()
      if (!next) return
      admit(next)
    }
  }

  function nextRound(): void {
    begunNow = 0
    admitNext()
  }

  server.on('connection', attend)
  server.on('secureConnection', (socket: Socket) => begun.get(nameOf(socket))?.end())
  return {
    get waiting() {
      return waiting.filter(({ socket }) => !socket.destroyed).length
    },
    dismiss() {
      const all = [...silent, ...[...waiting, ...begun.values()].map((one) => one.socket)]
      waiting = []
      for (const socket of all) socket.destroy()
    },
  }
}
