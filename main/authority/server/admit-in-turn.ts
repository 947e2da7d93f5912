import type { Server, Socket } from 'node:net'

/** Handshakes under way at a time; together they keep the event loop for some 50 ms, on a slow machine 100. */
const places = 32
/** Whoever has not ended its handshake by then goes on with it, but another one may begin, ms. */
const placeTime = 500
/** Nobody waits longer for a server to say anything, ms. */
const patience = 10_000
/** Every so many places go to who came last, the others to who waits longest. */
const newestEvery = 4

export interface AdmitOptions {
  /** How long one may say nothing before its handshake, ms. */
  readonly silence: number
  readonly now?: () => number
}

interface Waiting {
  readonly socket: Socket
  readonly since: number
}

/**
 * Lets so many connections at a time into their TLS handshake. A house that comes back at once would
 * otherwise be taken in one go: seconds in which nobody is answered, at whose end many have given up
 * and come again. Whoever says nothing takes no place, and some places go to the newest, so that
 * what looks whether this server is well hears of it meanwhile. `server`: made with
 * `pauseOnConnect`. Returns a function that lets go of all whose handshake has not ended.
 */
export function admitInTurn(
  server: Server,
  { silence, now = () => performance.now() }: AdmitOptions,
): () => void {
  const handshakes = server.listeners('connection')
  server.removeAllListeners('connection')
  const silent = new Set<Socket>()
  /** Handshakes that have not ended, by the name of their connection. */
  const begun = new Map<string, { readonly socket: Socket; end(): void }>()
  let waiting: Waiting[] = []
  let taken = 0
  let admitted = 0

  /** Of connections that are open at the same time. */
  const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

  function attend(socket: Socket): void {
    silent.add(socket)
    const drop = () => void socket.destroy()
    const speak = () => {
      // Without a word it has gone.
      if (socket.readableLength === 0) return drop()
      silent.delete(socket)
      waiting.push({ socket, since: now() })
      admitNext()
    }
    const close = () => silent.delete(socket)
    socket.setTimeout(silence, drop)
    socket.once('readable', speak).once('close', close).on('error', drop).on('end', drop)
    letGo.set(socket, () => {
      socket.setTimeout(0).off('timeout', drop).off('readable', speak)
      socket.off('close', close).off('error', drop).off('end', drop)
    })
  }
  const letGo = new WeakMap<Socket, () => void>()

  function admit({ socket, since }: Waiting): void {
    if (socket.destroyed) return
    // Whoever asked is about to give up: an answer would cost as much as one that is heard.
    if (now() - since > patience) return void socket.destroy()
    admitted += 1
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
    letGo.get(socket)?.()
    for (const handshake of handshakes) handshake.call(server, socket)
  }

  function admitNext(): void {
    while (taken < places) {
      const next = admitted % newestEvery === 0 ? waiting.pop() : waiting.shift()
      if (!next) return
      admit(next)
    }
  }

  server.on('connection', attend)
  server.on('secureConnection', (socket: Socket) => begun.get(nameOf(socket))?.end())
  return () => {
    const all = [...silent, ...[...waiting, ...begun.values()].map((one) => one.socket)]
    waiting = []
    for (const socket of all) socket.destroy()
  }
}
