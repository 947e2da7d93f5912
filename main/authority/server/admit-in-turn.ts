import type { Server, Socket } from 'node:net'

/** Handshakes under way at a time; together they keep the event loop for about 50 ms. */
const places = 64
/** Whoever has not ended its handshake by then goes on with it, but another one may begin, ms. */
const placeTime = 500
/** Nobody waits longer for a server to say anything, ms. */
const patience = 10_000
/** Every so many places go to who came last, the others to who waits longest. */
const newestEvery = 4

interface Waiting {
  readonly socket: Socket
  readonly since: number
}

/**
 * Lets so many connections at a time into their TLS handshake. A house that comes back at once would
 * otherwise be taken in one go: seconds in which nobody is answered, at whose end many have given up
 * and come again. Some places go to the newest, so that what looks whether this server is well hears
 * of it meanwhile. `server`: made with `pauseOnConnect`, so that who waits costs nothing but a
 * socket. Returns a function that lets go of all who wait.
 */
export function admitInTurn(server: Server, now = () => performance.now()): () => void {
  const handshakes = server.listeners('connection')
  server.removeAllListeners('connection')
  const underWay = new Map<string, () => void>()
  let waiting: Waiting[] = []
  let admitted = 0

  /** Of connections that are open at the same time. */
  const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

  function admit({ socket, since }: Waiting): void {
    if (socket.destroyed) return
    // Whoever asked has gone, or is about to: an answer would cost as much as one that is heard.
    if (now() - since > patience) return void socket.destroy()
    admitted += 1
    const name = nameOf(socket)
    const leave = () => {
      clearTimeout(slow)
      socket.off('close', leave)
      if (underWay.get(name) === leave) underWay.delete(name)
      admitNext()
    }
    const slow = setTimeout(leave, placeTime)
    underWay.set(name, leave)
    socket.once('close', leave)
    for (const handshake of handshakes) handshake.call(server, socket)
  }

  function admitNext(): void {
    while (underWay.size < places) {
      const next = admitted % newestEvery === 0 ? waiting.pop() : waiting.shift()
      if (!next) return
      admit(next)
    }
  }

  server.on('connection', (socket: Socket) => {
    waiting.push({ socket, since: now() })
    // Whoever listens after this one may still turn it away.
    setImmediate(admitNext)
  })
  server.on('secureConnection', (socket: Socket) => underWay.get(nameOf(socket))?.())
  return () => {
    for (const { socket } of waiting) socket.destroy()
    waiting = []
  }
}
