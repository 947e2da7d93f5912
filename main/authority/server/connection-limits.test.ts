import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { authorityFixture } from '../../../test/support/authority.ts'
import { anyCertificate } from '../../../test/support/certificates.ts'
import { authenticateEmbedded } from './authentication.ts'
import { listen, type ListenOptions } from './server.ts'

/** Of a machine that has other things to do, ms. */
const patient = { timeout: 10_000 }
const secret = 'a'.repeat(64)
const hello = 'GET /healthz HTTP/1.1\r\nHost: any\r\n\r\n'

async function serverWith(options: Partial<ListenOptions>) {
  const server = await listen({
    port: 0,
    probe: (_request, response) => Boolean(response.end('here')),
    ...options,
  })
  onTestFinished(() => server.dispose())
  return { server, port: Number(new URL(server.url).port) }
}

/** A connection that says this much, what it hears, and its end. */
function client(port: number, say = '', made = connect({ port, allowHalfOpen: true })) {
  onTestFinished(() => void made.destroy())
  let heard = ''
  const closed = new Promise<string>((resolve) => {
    made.on('close', () => resolve('closed'))
    made.on('end', () => resolve('closed'))
    made.on('error', () => resolve('closed'))
  })
  made.on('data', (data: Buffer) => (heard += data.toString()))
  made.write(say)
  return { made, closed, heard: () => heard }
}

test.each([
  ['says nothing', ''],
  ['begins its headers and never ends them', 'GET / HTTP/1.1\r\nHost: any\r\nX-More: '],
])('a client that %s is dropped', async (_name, say) => {
  const { port } = await serverWith({ limits: { headers: 50, request: 60_000 } })
  const { closed } = client(port, say)
  expect(await closed).toBe('closed')
})

test('a client that sends its body without end is dropped', async () => {
  const { port } = await serverWith({ limits: { headers: 50, request: 100 }, probe: () => true })
  const { closed } = client(port, 'POST / HTTP/1.1\r\nHost: any\r\nContent-Length: 9\r\n\r\nab')
  expect(await closed).toBe('closed')
})

test('a client that does not begin with TLS is dropped, and one that does and then says nothing', async () => {
  const { port } = await serverWith({
    certificate: await anyCertificate(),
    limits: { handshake: 50, headers: 50, request: 60_000 },
  })
  expect(await client(port).closed).toBe('closed')
  // Whether the certificate is good is not the question here.
  const quiet = connectTls({ port, rejectUnauthorized: false })
  expect(await client(port, '', quiet as Socket).closed).toBe('closed')
})

test('a handshake that stalls does not keep a server that closes', async () => {
  const { server, port } = await serverWith({ certificate: await anyCertificate() })
  // The first byte of a handshake (RFC 8446, 5.1), and nothing after it.
  const { made, closed } = client(port)
  made.write(Buffer.from([22]))
  const other = connectTls({ port, rejectUnauthorized: false })
  // Answered after the one that was there before it had its turn.
  await new Promise((resolve) => other.once('secureConnect', resolve))
  other.destroy()
  await server.dispose()
  expect(await closed).toBe('closed')
}, 10_000)

test('one connection too many is closed at once, those that are there stay, and a free place is given', async () => {
  let tooMany = 0
  const { port } = await serverWith({ limits: { connections: 2 }, onTooMany: () => tooMany++ })
  const [first, second] = [client(port, hello), client(port, hello)]
  await expect.poll(first.heard, patient).toContain('here')
  await expect.poll(second.heard, patient).toContain('here')
  const third = client(port, hello)
  expect(await third.closed).toBe('closed')
  expect([third.heard(), tooMany]).toEqual(['', 1])
  first.made.write(hello)
  await expect.poll(() => first.heard().split('here').length, patient).toBe(3)
  second.made.destroy()
  await expect
    .poll(async () => {
      const next = client(port, hello)
      await Promise.race([next.closed, new Promise((resolve) => next.made.once('data', resolve))])
      return next.heard()
    }, patient)
    .toContain('here')
})

test('who is refused a WebSocket cannot keep the connection', async () => {
  const { port } = await serverWith({})
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
  const { made, heard } = client(port, `GET /agent/v1/socket HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n`)
  await expect.poll(heard, patient).toMatch(/^HTTP\/1.1 503 .*\r\nRetry-After: 1\r\n/)
  // Its own half stays open; only a server that has let go answers what comes there with a reset.
  await expect
    .poll(() => {
      if (!made.destroyed) made.write('still here')
      return made.destroyed
    }, patient)
    .toBe(true)
})

test('the connection of an agent outlives the limits of a request', async () => {
  const f = await authorityFixture()
  onTestFinished(() => f.dispose())
  const { server, port } = await serverWith({
    limits: { headers: 500, request: 500 },
    probe: () => false,
  })
  server.serve({ authority: f.authority, authenticate: authenticateEmbedded(secret, f.here) })
  const agent = new WebSocket(`ws://127.0.0.1:${port}/agent/v1/socket`, {
    headers: { authorization: `Bearer ${secret}` },
  })
  await new Promise((resolve) => agent.on('open', resolve))
  // Node has looked for slow requests when another one is gone.
  expect(await client(port).closed).toBe('closed')
  expect(await client(port).closed).toBe('closed')
  expect(agent.readyState).toBe(WebSocket.OPEN)
  agent.close()
})
