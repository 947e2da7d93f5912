import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { anyCertificate } from '../../../test/support/certificates.ts'
import { admitInTurn } from './admit-in-turn.ts'
import { listen } from './server.ts'

/* With real connections; admit-in-turn.test.ts has the rules, one by one. */

/** Of a machine that has other things to do, ms. */
const patient = { timeout: 20_000 }

/** What it hears, asked over TLS; whether the certificate is good is not the question here. */
function ask(how: { port: number } | { socket: Socket }): () => string {
  const asking: TLSSocket = connectTls({ ...how, rejectUnauthorized: false })
  onTestFinished(() => void asking.destroy())
  let heard = ''
  asking.on('data', (data: Buffer) => (heard += data.toString()))
  asking.on('error', () => {})
  asking.write('GET /healthz HTTP/1.1\r\nHost: any\r\n\r\n')
  return () => heard
}

async function tlsServer() {
  return Number(new URL((await startTlsServer()).url).port)
}

async function startTlsServer() {
  const server = await listen({
    port: 0,
    certificate: await anyCertificate(),
    probe: (_request, response) => Boolean(response.end('here')),
  })
  onTestFinished(() => server.dispose())
  return server
}

/** Of 200 connections, each of which was accepted. */
async function strangers(port: number): Promise<Socket[]> {
  const all = Array.from({ length: 200 }, () => connect({ port }))
  onTestFinished(() => all.forEach((socket) => socket.destroy()))
  await Promise.all(all.map((socket) => once(socket, 'connect')))
  return all
}

test('200 that say nothing keep nobody out, and can still begin afterwards', async () => {
  const port = await tlsServer()
  const silent = await strangers(port)
  await expect.poll(ask({ port }), patient).toContain('here')
  const answers = silent.map((socket) => ask({ socket }))
  const answered = () => answers.filter((heard) => heard().includes('here')).length
  await expect.poll(answered, patient).toBe(200)
})

test('what it said is not kept for as long as the connection is open', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const count = 200
  const record = Buffer.alloc(2_000)
  record.writeUInt8(22)
  record.writeUInt16BE(record.length - 5, 3)
  let begun = 0
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    begun += 1
    socket.resume()
  })
  admitInTurn(server, { silence: 30_000 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const before = held()
  const agents = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1' }))
  onTestFinished(() => {
    for (const agent of agents) agent.destroy()
    server.close()
  })
  for (const agent of agents) agent.write(record)
  await expect.poll(() => begun, patient).toBe(count)
  await expect.poll(() => held() - before, patient).toBeLessThan((count * record.length) / 4)
})

test.each(['first', 'next'])(
  'who offers h2 gets HTTP/1.1 by the %s certificate, and who speaks nothing else is told so',
  async (which) => {
    const server = await startTlsServer()
    const port = Number(new URL(server.url).port)
    if (which === 'next') server.changeCertificate(await anyCertificate())
    const offer = (ALPNProtocols: string[]) => {
      const socket = connectTls({ port, rejectUnauthorized: false, ALPNProtocols })
      onTestFinished(() => void socket.destroy())
      return socket
    }
    const browser = offer(['h2', 'http/1.1'])
    await once(browser, 'secureConnect')
    expect(browser.alpnProtocol).toBe('http/1.1')
    const [error] = (await once(offer(['h2']), 'error')) as [Error]
    expect(error).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' })
  },
)

/** The first record of a client's handshake. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const line = new Duplex({
      read() {},
      write(data: Buffer, _encoding, done) {
        resolve(data)
        done()
      },
    })
    connectTls({ socket: line }).on('error', () => {})
  })
}

test.each([
  ['begin their hello', async () => Buffer.from([22])],
  ['say hello', clientHello],
])('ten that %s and do not go on, every 20 ms, keep nobody out, and stay', async (_, say) => {
  const port = await tlsServer()
  const said = await say()
  const stuck: Socket[] = []
  let ended = 0
  const flood = setInterval(() => {
    for (let n = 0; n < 10; n += 1) {
      const socket = connect({ port }).on('close', () => (ended += 1))
      socket.resume().write(said)
      stuck.push(socket)
    }
  }, 20)
  onTestFinished(() => {
    clearInterval(flood)
    for (const socket of stuck) socket.destroy()
  })
  await expect.poll(() => stuck.length, patient).toBeGreaterThan(600)
  const answers = Array.from({ length: 20 }, () => ask({ port }))
  const answered = () => answers.filter((heard) => heard().includes('here')).length
  await expect.poll(answered, patient).toBe(20)
  expect(ended).toBe(0)
})
