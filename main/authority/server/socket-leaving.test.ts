import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { authorityFixture } from '../../../test/support/authority.ts'
import type { Handlers } from '../context.ts'
import { authenticateEmbedded } from './authentication.ts'
import { listen } from './server.ts'

const secret = 'a'.repeat(64)
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** An agent whose reports take until they are let go. */
async function openAgent() {
  const f = await authorityFixture()
  undo.push(() => f.dispose())
  const server = await listen({ port: 0 })
  undo.push(() => server.dispose())
  const { promise: letGo, resolve: go } = Promise.withResolvers<void>()
  const begun: unknown[] = []
  const handlers: Handlers = {
    ...f.authority.handlers,
    async 'workstation.report'({ detail }) {
      begun.push(detail['n'])
      await letGo
      return {}
    },
    'fallback.decline'({ requestId }) {
      begun.push(requestId)
      return Promise.resolve({})
    },
    'session.end'({ sessionId }) {
      begun.push(sessionId)
      return Promise.resolve({})
    },
  }
  server.serve({
    authority: { ...f.authority, handlers },
    authenticate: authenticateEmbedded(secret, f.here),
  })
  const address = new URL('/agent/v1/socket', server.url.replace('http', 'ws'))
  const agent = new WebSocket(address, { headers: { authorization: `Bearer ${secret}` } })
  undo.push(() => Promise.resolve(agent.terminate()))
  const heard: unknown[] = []
  agent.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
  const ended = new Promise<number>((resolve) => agent.on('close', resolve))
  await new Promise((resolve) => agent.on('open', resolve))
  const send = (id: number, call: string, params: object) =>
    agent.send(JSON.stringify({ id, call, params }))
  const report = (id: number) =>
    send(id, 'workstation.report', { event: 'reader-ready', detail: { n: id } })
  const signOut = (id: number, sessionId: string) =>
    send(id, 'session.end', { sessionId, reason: 'sign-out' })
  const decline = (id: number, requestId: string) => send(id, 'fallback.decline', { requestId })
  const hello = (id: number) =>
    send(id, 'agent.hello', { protocol: 1, afterSeq: 0, instance: 'one' })
  return { server, agent, heard, begun, ended, report, signOut, decline, hello, go }
}

test.each(['sendAway', 'dispose'] as const)(
  'what comes after %s is refused, and what was under way is answered before the close',
  async (how) => {
    const { server, heard, begun, ended, report, decline, hello, go } = await openAgent()
    report(1)
    await expect.poll(() => begun).toEqual([1])
    const away = server[how]({ reason: 'no database', spread: 1 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    report(2)
    await expect.poll(() => heard).toMatchObject([{ id: 2, error: { code: 'store-busy' } }])
    hello(4)
    // Emergency access is still taken where it can be answered.
    decline(3, 'r-1')
    await expect.poll(() => heard).toMatchObject([{ id: 2 }, { id: 3, ok: true }])
    go()
    await away
    expect(await ended).toBe(how === 'dispose' ? 1001 : 1013)
    expect(heard[2]).toMatchObject({ id: 1, ok: true })
    expect(begun).toEqual([1, 'r-1'])
  },
)

test('of what was on its way when the connection was closed only a sign-out is taken', async () => {
  const { server, agent, begun, ended, report, signOut, go } = await openAgent()
  go()
  // It has not read the close when it sends.
  agent.pause()
  server.sendAway({ reason: 'no database', spread: 1 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  report(1)
  signOut(2, 's-1')
  await expect.poll(() => begun).toEqual(['s-1'])
  agent.resume()
  expect(await ended).toBe(1013)
  expect(begun).toEqual(['s-1'])
})

test('an agent that does not answer the close is not waited for', async () => {
  const { server, agent } = await openAgent()
  agent.pause()
  const began = performance.now()
  await server.dispose()
  expect(performance.now() - began).toBeLessThan(10_000)
})
