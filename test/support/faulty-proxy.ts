import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** From the client to the server, or back. */
export type Direction = 'up' | 'down'

/** A network that misbehaves on request, between one client and a server. */
export interface FaultyProxy {
  readonly port: number
  /** Where new connections go to; those that are there stay. */
  target: { readonly host: string; readonly port: number }
  /** How long every piece of data takes, ms, in both directions; order is kept. */
  delay: () => number
  /** New connections are refused. */
  refusing: boolean
  /** What is sent this way from now on is swallowed, without either side knowing, until `heal`. */
  blackhole(...directions: readonly Direction[]): void
  /** Data flows again. What was swallowed is lost, so connections that lost some are cut. */
  heal(): void
  /** Ends every connection at once, as a cable that is pulled from a switch which says so. */
  cut(): void
  /** The sender of this direction seems to have no more to say. */
  halfClose(direction: Direction): void
  /** Connections at this moment. */
  readonly connections: number
  /** Bytes that came from clients so far, swallowed ones included. */
  readonly received: number
  dispose(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  harmed: boolean
}

export async function startFaultyProxy(
  target: FaultyProxy['target'] = { host: '127.0.0.1', port: 1 },
): Promise<FaultyProxy> {
  const links = new Set<Link>()
  const swallowing = new Set<Direction>()
  let received = 0

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    if (proxy.refusing) return void client.resetAndDestroy()
    const server = connect({ ...proxy.target, allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    const link: Link = { client, server, harmed: false }
    links.add(link)
    const end = () => {
      links.delete(link)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (data) => (received += data.length))
    carry(client, server, 'up', link)
    carry(server, client, 'down', link)
  })

  function carry(from: Socket, to: Socket, direction: Direction, link: Link): void {
    /** What was sent before has to arrive before. */
    let last = Promise.resolve()
    const after = (deliver: () => void) => {
      const ms = proxy.delay()
      const due = ms > 0 ? new Promise<void>((resolve) => setTimeout(resolve, ms)) : null
      last = last
        .then(() => due)
        .then(() => {
          if (!swallowing.has(direction)) deliver()
          else link.harmed = true
        })
    }
    from.on('data', (data) => after(() => void (to.writable && to.write(data))))
    from.on('end', () => after(() => void to.end()))
  }

  const proxy: FaultyProxy = {
    get port() {
      return (listener.address() as AddressInfo).port
    },
    target,
    delay: () => 0,
    refusing: false,
    blackhole(...directions) {
      for (const direction of directions) swallowing.add(direction)
    },
    heal() {
      swallowing.clear()
      for (const link of links) if (link.harmed) link.client.destroy()
    },
    cut() {
      for (const { client, server } of links) {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
    },
    halfClose(direction) {
      for (const { client, server } of links) (direction === 'up' ? server : client).end()
    },
    get connections() {
      return links.size
    },
    get received() {
      return received
    },
    async dispose() {
      proxy.cut()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return proxy
}
