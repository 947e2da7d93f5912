import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import { StoreError } from '../../store/port.ts'
import { type Call, procedures } from '../protocol/index.ts'
import { authenticateEmbedded, createBearerCheck, createHostCheck } from './authentication.ts'
import { type AuthorityServer, listen } from './server.ts'

const secret = 'a'.repeat(64)
let f: AuthorityFixture
let server: AuthorityServer
beforeEach(async () => {
  f = await authorityFixture()
  server = await listen({ port: 0 })
  server.serve({ authority: f.authority, authenticate: authenticateEmbedded(secret, f.here) })
})
afterEach(async () => {
  await server.dispose()
  await f.dispose()
})

/** With a Host header of one's choice, which `fetch` does not allow. */
interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}
function ask(
  path: string,
  { method = 'GET', headers = {}, body = '' }: Asked = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, server.url), { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
const authorization = { authorization: `Bearer ${secret}` }
const post = (call: string, params: unknown, headers: Record<string, string> = authorization) =>
  ask(`/agent/v1/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof params === 'string' ? params : JSON.stringify(params),
  })
const hello = { protocol: 1, afterSeq: 0 }

function socket(headers: Record<string, string> = authorization, path = '/agent/v1/socket') {
  const opened = new WebSocket(new URL(path, server.url.replace('http', 'ws')), { headers })
  const frames: unknown[] = []
  opened.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())))
  const ended = new Promise<number | string>((resolve) => {
    opened.on('unexpected-response', (_request, response) => {
      resolve(`refused ${response.statusCode ?? 0}`)
      opened.terminate()
    })
    opened.on('error', () => resolve('error'))
    opened.on('close', (code) => resolve(code))
  })
  return {
    frames,
    ended,
    send: (frame: unknown) =>
      opened.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    opened: new Promise<void>((resolve) => opened.on('open', () => resolve())),
  }
}

test('health needs no secret and says nothing', async () => {
  expect(await ask('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' })
})

test.each(['localhost', 'evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]'])(
  'a request for the host %s is refused, by HTTP and by socket',
  async (host) => {
    expect((await ask('/healthz', { headers: { host } })).status).toBe(421)
    expect(await socket({ ...authorization, host }).ended).toBe('refused 421')
  },
)

test.each([
  ['no secret', {}],
  ['another secret', { authorization: `Bearer ${'b'.repeat(64)}` }],
  ['the secret with more behind it', { authorization: `Bearer ${secret}a` }],
  ['another scheme', { authorization: `Basic ${secret}` }],
] as const)('with %s nothing answers but 401', async (_name, headers) => {
  const answer = await post('agent.hello', hello, headers)
  expect(answer.status).toBe(401)
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'unauthenticated' } })
  expect((await ask('/agent/v1/openapi.json', { headers })).status).toBe(401)
  expect(await socket(headers).ended).toBe('refused 401')
})

test('a page that finds the port gets no socket, even with the secret', async () => {
  const headers = { ...authorization, origin: 'https://evil.example' }
  expect(await socket(headers).ended).toBe('refused 403')
})

test('the same calls answer over HTTP and over the socket', async () => {
  const overHttp = await post('agent.hello', hello)
  const { opened, frames, send } = socket()
  await opened
  send({ id: 7, call: 'agent.hello', params: hello })
  await expect.poll(() => frames).toEqual([{ id: 7, ok: true, value: JSON.parse(overHttp.text) }])
})

test.each([
  ['an unknown call', 'session.steal', {}, 404],
  ['a name from the prototype', 'constructor', {}, 404],
  ['a body that is no JSON', 'agent.hello', '{', 400],
  ['a missing field', 'agent.hello', { protocol: 1 }, 400],
  ['a field too many', 'agent.hello', { ...hello, workstation: 'ws-2' }, 400],
  ['more than 16 KB', 'agent.hello', `{"protocol":1,"x":"${'y'.repeat(16 * 1024)}"}`, 413],
] as const)('%s is refused', async (_name, call, params, status) => {
  expect((await post(call, params)).status).toBe(status)
})

test('a refusal of a field names the field and not its value', async () => {
  const answer = await post('tap.identify', { tapId: 't', badge: 4711, reader: 'r', purpose: 'x' })
  expect(answer.status).toBe(400)
  expect(answer.text).toContain('badge')
  expect(answer.text).not.toContain('4711')
})

test.each([
  ['busy', 'store-busy', 503],
  ['full', 'store-full', 507],
  ['corrupt', 'log-unavailable', 503],
  ['io', 'log-unavailable', 503],
] as const)('a store that is %s answers %s', async (fault, code, status) => {
  f.breakLog(new StoreError(fault, 'The database failed.', 'Free some space.'))
  const report = { event: 'reader-ready', detail: {} }
  const answer = await post('workstation.report', report)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code } })
})

test('an event reaches the socket that said hello, in order with the answers', async () => {
  const key = await f.enrol('maria')
  const { sessionId } = await f.signIn('maria', key)
  const quiet = socket()
  const { opened, frames, send } = socket()
  await Promise.all([opened, quiet.opened])
  send({ id: 1, call: 'agent.hello', params: hello })
  await expect.poll(() => frames).toHaveLength(1)
  send({ id: 2, call: 'session.end', params: { sessionId, reason: 'sign-out' } })
  await expect.poll(() => frames).toHaveLength(3)
  expect(frames.slice(1)).toEqual([
    { event: { seq: 1, type: 'session.ended', sessionId, reason: 'sign-out', moved: null } },
    { id: 2, ok: true, value: {} },
  ])
  expect(quiet.frames).toEqual([])
})

test('what an agent missed comes before the answer to its hello', async () => {
  const key = await f.enrol('maria')
  const { sessionId } = await f.signIn('maria', key)
  await f.call('session.end', { sessionId, reason: 'sign-out' })
  const { opened, frames, send } = socket()
  await opened
  send({ id: 1, call: 'agent.hello', params: hello })
  await expect.poll(() => frames).toHaveLength(2)
  expect(frames).toMatchObject([{ event: { seq: 1 } }, { id: 1, value: { seq: 1 } }])
})

test.each([
  ['what is no request', '{"id":1}', 1008],
  ['what is no JSON', 'hello', 1008],
  ['more than 64 KB', 'x'.repeat(65 * 1024), 1009],
] as const)('%s closes the socket', async (_name, text, code) => {
  const { opened, ended, send } = socket()
  await opened
  send(text)
  expect(await ended).toBe(code)
})

test('a frame over 16 KB is answered as a mistake', async () => {
  const { opened, frames, send } = socket()
  await opened
  send({ id: 3, call: 'agent.hello', params: { x: 'y'.repeat(17 * 1024) } })
  await expect
    .poll(() => frames)
    .toMatchObject([{ id: 3, ok: false, error: { code: 'bad-request' } }])
})

test('before the authority is there, everything answers 503', async () => {
  const early = await listen({ port: 0 })
  const answer = await fetch(`${early.url}/healthz`)
  expect(answer.status).toBe(503)
  await early.dispose()
})

test('stopping closes the sockets with "going away"', async () => {
  const { opened, ended } = socket()
  await opened
  await server.dispose()
  expect(await ended).toBe(1001)
  server = await listen({ port: 0 })
})

test('the OpenAPI document describes every call of the table', async () => {
  const { status, text } = await ask('/agent/v1/openapi.json', { headers: authorization })
  expect(status).toBe(200)
  const document = JSON.parse(text) as { paths: Record<string, unknown> }
  const calls = Object.keys(procedures) as Call[]
  expect(Object.keys(document.paths)).toEqual(calls.map((call) => `/agent/v1/${call}`))
  expect(document.paths['/agent/v1/session.resume']).toMatchObject({
    post: {
      operationId: 'session.resume',
      requestBody: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['sessionId', 'tapId'],
              additionalProperties: false,
            },
          },
        },
      },
    },
  })
})

test('the checks of host and secret take exactly one form', () => {
  const host = createHostCheck(4711)
  expect([host('127.0.0.1:4711'), host('127.0.0.1'), host(undefined)]).toEqual([true, false, false])
  const bearer = createBearerCheck(secret)
  expect([bearer(`Bearer ${secret}`), bearer(`bearer ${secret}`), bearer(undefined)]).toEqual([
    true,
    false,
    false,
  ])
})

test('a node that can do nothing sends its agents away, and takes others when it can again', async () => {
  await server.dispose()
  let allowed = true
  server = await listen({ port: 0, agentsAllowed: () => allowed })
  server.serve({ authority: f.authority, authenticate: authenticateEmbedded(secret, f.here) })
  const agent = socket()
  await agent.opened
  agent.send({ id: 1, call: 'agent.hello', params: hello })
  await expect.poll(() => agent.frames.length).toBe(1)
  allowed = false
  server.sendAway({ reason: 'no database', spread: 20 })
  expect(await agent.ended).toBe(1013)
  expect(await socket().ended).toBe('refused 503')
  allowed = true
  await socket().opened
  expect(server.sockets).toBe(1)
})

test('a node that stops takes no new agents while it lets the others go', async () => {
  const agent = socket()
  await agent.opened
  const stopped = server.dispose({ spread: 300 })
  expect(await socket().ended).toBe('refused 503')
  expect(await agent.ended).toBe(1001)
  await stopped
})
