import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to PostgreSQL that is cut once the server has carried out so many statements. */
export interface StatementCutter {
  readonly port: number
  /** The next connection ends when the server has answered this many; nobody hears of the last one. */
  cutAfter: number
  dispose(): Promise<void>
}

/** `CommandComplete` of the protocol: the server has carried out one statement. */
const commandComplete = 'C'.charCodeAt(0)
/** Type and length. */
const headerBytes = 5

/** Without TLS, which hides what is said. */
export async function startStatementCutter(target: {
  readonly host: string
  readonly port: number
}): Promise<StatementCutter> {
  const open = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect({ ...target, noDelay: true })
    client.setNoDelay(true)
    let left = cutter.cutAfter
    let rest = Buffer.alloc(0)
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', end).on('close', () => {
        open.delete(socket)
        end()
      })
    }
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => {
      rest = Buffer.concat([rest, data])
      while (rest.length >= headerBytes) {
        const size = 1 + rest.readUInt32BE(1)
        if (rest.length < size) return
        if (rest[0] === commandComplete) left -= 1
        if (left === 0) return end()
        client.write(rest.subarray(0, size))
        rest = rest.subarray(size)
      }
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const cutter: StatementCutter = {
    port: (listener.address() as AddressInfo).port,
    cutAfter: Infinity,
    async dispose() {
      const closed = new Promise((resolve) => listener.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
  return cutter
}
