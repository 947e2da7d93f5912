import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { authorityFixture } from '../../../test/support/authority.ts'
import type { Handlers } from '../context.ts'
import { type Authenticate, authenticateEmbedded } from './authentication.ts'
import { listen } from './server.ts'

const secret = 'a'.repeat(64)
/** Greeted at a time, and looked at, at a time. */
const atOnce = 32
/** Of a machine that has other things to do, ms. */
const patient = { timeout: 20_000 }

/** Counts what is under way in something that takes until it is let go. */
function held() {
  const { promise: letGo, resolve: go } = Promise.withResolvers<void>()
  const begun: string[] = []
  let underWay = 0
  let most = 0
  return {
    begun,
    go,
    most: () => most,
    async run<T>(name: string, work: () => Promise<T>): Promise<T> {
      begun.push(name)
      underWay += 1
      most = Math.max(most, underWay)
      await letGo
      const value = await work()
      underWay -= 1
      return value
    },
  }
}

/** A server whose hellos, or whose looks at a proof, take until they are let go. */
async function serverThatHolds(what: 'hellos' | 'proofs') {
  const f = await authorityFixture()
  onTestFinished(() => f.dispose())
  const hold = held()
  let arrived = 0
  const server = await listen({
    port: 0,
    agentsAllowed() {
      arrived += 1
      return true
    },
  })
  onTestFinished(() => server.dispose())
  const hello = f.authority.handlers['agent.hello']
  const handlers: Handlers = {
    ...f.authority.handlers,
    'agent.hello': (request, caller) =>
      what === 'hellos'
        ? hold.run(request.instance, () => hello(request, caller))
        : hello(request, caller),
    'workstation.report': () => Promise.resolve({}),
  }
  const bearer = authenticateEmbedded(secret, f.here)
  const authenticate: Authenticate = (request) =>
    what === 'proofs'
      ? hold.run(String(request.headers['user-agent']), () => bearer(request))
      : bearer(request)
  server.serve({ authority: { ...f.authority, handlers }, authenticate })
  return { server, ...hold, arrived: () => arrived, port: Number(new URL(server.url).port) }
}

/** An agent by its name, and the calls that it was answered. */
function agent(port: number, name: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/agent/v1/socket`, {
    headers: { authorization: `Bearer ${secret}`, 'user-agent': name },
  })
  onTestFinished(() => socket.terminate())
  const answered: unknown[] = []
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => answered.push(JSON.parse(data.toString())))
  const send = (id: number, call: string, params: object) =>
    socket.send(JSON.stringify({ id, call, params }))
  return {
    socket,
    open: new Promise((resolve) => socket.on('open', resolve)),
    answers: (id: number) => answered.filter((answer) => (answer as { id: number }).id === id),
    hello: () => send(1, 'agent.hello', { protocol: 1, afterSeq: 0, instance: name }),
    report: () => send(2, 'workstation.report', { event: 'reader-ready', detail: {} }),
  }
}

/** Agents that have said hello, each of which was heard by the server. */
async function greeters(port: number, count: number) {
  const agents = Array.from({ length: count }, (_, n) => agent(port, `agent-${n}`))
  await Promise.all(agents.map(({ open }) => open))
  for (const { hello, report } of agents) {
    hello()
    // Its answer says that the hello before it was heard, too.
    report()
  }
  for (const { answers } of agents) await expect.poll(() => answers(2), patient).toHaveLength(1)
  return agents
}

test('100 agents that say hello at once are all answered, 32 of them at a time', async () => {
  const { server, port, begun, most, go } = await serverThatHolds('hellos')
  const agents = await greeters(port, 100)
  expect(begun).toHaveLength(atOnce)
  expect(server.waiting).toEqual({ handshake: 0, proof: 0, hello: 100 - atOnce })
  go()
  for (const { answers } of agents)
    await expect.poll(() => answers(1), patient).toMatchObject([{ ok: true }])
  expect(new Set(begun).size).toBe(100)
  expect(most()).toBe(atOnce)
  expect(server.waiting).toEqual({ handshake: 0, proof: 0, hello: 0 })
})

test('one that has gone while it waited for its turn is not greeted', async () => {
  const { server, port, begun, go } = await serverThatHolds('hellos')
  const agents = await greeters(port, atOnce + 3)
  const waiting = agents.filter((_, n) => !begun.includes(`agent-${n}`))
  const gone = waiting[1]
  gone?.socket.close()
  await expect.poll(() => server.sockets, patient).toBe(atOnce + 2)
  go()
  for (const { answers } of agents.filter((one) => one !== gone))
    await expect.poll(() => answers(1), patient).toMatchObject([{ ok: true }])
  expect(begun).toHaveLength(atOnce + 2)
  expect(begun).not.toContain(`agent-${agents.findIndex((one) => one === gone)}`)
})

test('the proofs of 100 agents are looked at 32 at a time, and all get in', async () => {
  const { server, port, begun, most, go, arrived } = await serverThatHolds('proofs')
  const agents = Array.from({ length: 100 }, (_, n) => agent(port, `agent-${n}`))
  await expect.poll(arrived, patient).toBe(100)
  expect(begun).toHaveLength(atOnce)
  expect(server.waiting).toEqual({ handshake: 0, proof: 100 - atOnce, hello: 0 })
  go()
  await Promise.all(agents.map(({ open }) => open))
  expect(new Set(begun).size).toBe(100)
  expect(most()).toBe(atOnce)
})

test('the proof of one whose connection was reset while it waited is not looked at', async () => {
  const { port, begun, go, arrived } = await serverThatHolds('proofs')
  const agents = Array.from({ length: atOnce }, (_, n) => agent(port, `agent-${n}`))
  await expect.poll(arrived, patient).toBe(atOnce)
  const gone = connect({ port })
  gone.write(
    [
      'GET /agent/v1/socket HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'User-Agent: gone',
      '\r\n',
    ].join('\r\n'),
  )
  await expect.poll(arrived, patient).toBe(atOnce + 1)
  gone.resetAndDestroy()
  const last = agent(port, 'last')
  await expect.poll(arrived, patient).toBe(atOnce + 2)
  go()
  await Promise.all([...agents, last].map(({ open }) => open))
  expect(begun).toContain('last')
  expect(begun).not.toContain('gone')
})
