import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectMachine, type MachineTrouble } from './connect-machine.ts'
import type { Machine } from './machine.ts'

async function closedWith(code: number, reason: string): Promise<MachineTrouble[]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => socket.close(code, reason))
  const { port } = server.address() as AddressInfo
  const troubles: MachineTrouble[] = []
  const machine = {
    identity: { issuer: `http://127.0.0.1:${port}` },
    headers: () => Promise.resolve({}),
    refused: () => {},
    rotateAt: () => Infinity,
  } as unknown as Machine
  const client = connectMachine({
    machine,
    instance: 'one',
    onTrouble: (trouble) => troubles.push(trouble),
  })
  await new Promise<void>((resolve) =>
    client.onConnection((state) => {
      if (state === 'offline') resolve()
    }),
  )
  await client.dispose()
  await new Promise((resolve) => server.close(resolve))
  return troubles
}

test.each(['disabled', 'revoked'] as const)(
  'a workstation whose connection was ended as %s knows it at once, before any new attempt',
  async (reason) => {
    expect(await closedWith(1008, reason)).toEqual([{ reason }])
  },
)

test.each([
  [1008, 'not a request'],
  [1012, 'retired'],
  [1001, 'stopping'],
])('a connection that ended otherwise (%i, %s) is only gone', async (code, reason) => {
  expect(await closedWith(code, reason)).toEqual([])
})
