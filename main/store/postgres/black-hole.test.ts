import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectPostgres } from './session.ts'

test('a server that never answers is not reachable, so that a node waits or asks the next one', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const connected = connectPostgres({
    host: '127.0.0.1',
    port,
    database: 'lanyard',
    user: 'lanyard',
    connectTimeout: 50,
  })
  await expect(connected).rejects.toMatchObject({ code: 'unreachable' })
})
