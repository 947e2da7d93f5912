import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../store/port.ts'
import { createBound } from '../server/bound.ts'
import { keepDeadlines } from '../server/deadline.ts'
import { Overload } from '../server/overload.ts'
import { createTestClient } from './fixture-client.ts'
import { startAuthority } from './fixture.ts'

/** Sent as it comes; the types of the platform leave it out. */
const streamed = { duplex: 'half' }

const full = { run: () => Promise.reject(new Overload('full')) }

test.each(['/oidc/token', '/oidc/jwks', '/oidc/introspect', '/.well-known/openid-configuration'])(
  'an application that asks %s of a node with too much to do hears when to come again',
  async (path) => {
    const authority = await startAuthority([], undefined, undefined, full)
    onTestFinished(() => authority.stop())
    const answer = await fetch(authority.address + path)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toMatchObject({
      error: 'temporarily_unavailable',
      error_description: expect.stringContaining('Try again'),
    })
    expect(authority.failures).toEqual([])
  },
)

test.each(['/launch/handle', '/oidc/auth?client_id=ehr'])(
  'a person at %s of such a node sees a page',
  async (path) => {
    const authority = await startAuthority([], undefined, undefined, full)
    onTestFinished(() => authority.stop())
    const answer = await fetch(authority.address + path)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(await answer.text()).toContain('open the application again from Lanyard')
  },
)

test('a launch that comes too late to its commit uses nothing up, and is no failure', async () => {
  const gate = Promise.withResolvers<void>()
  let slow = false
  const writes: Promise<unknown>[] = []
  const ehr = await createTestClient('ehr')
  const held = (db: Database): Database => {
    const kept = keepDeadlines(db)
    return {
      ...kept,
      write(work, options) {
        const written = kept.write(async (tx) => {
          const value = await work(tx)
          if (slow) await gate.promise
          return value
        }, options)
        writes.push(written)
        return written
      },
    }
  }
  const authority = await startAuthority([ehr.application], (db) => ({ db: held(db) }), undefined, {
    run: (work, options) =>
      createBound({ limit: 4, answerWithin: slow ? 300 : 60_000 }).run(work, options),
  })
  onTestFinished(() => authority.stop())
  const url = await authority.launch(authority.addSession(), 'ehr')
  slow = true
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(503)
  gate.resolve()
  await Promise.allSettled(writes)
  slow = false
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
  expect(authority.failures).toEqual([])
})

test('a body without end is refused before it is parsed', async () => {
  const authority = await startAuthority([])
  onTestFinished(() => authority.stop())
  const answer = await fetch(`${authority.address}/oidc/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new Blob(['grant_type=', 'x'.repeat(64 * 1024)]).stream(),
    ...streamed,
  })
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
})

test('who sends a body slowly takes nobody’s place', async () => {
  const bound = createBound({ limit: 1, answerWithin: 60_000 })
  const authority = await startAuthority([], undefined, undefined, bound)
  onTestFinished(() => authority.stop())
  const { hostname, port, host } = new URL(authority.address)
  const head = `POST /oidc/token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 40\r\nExpect: 100-continue\r\n\r\n`
  const slow = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = connect({ host: hostname, port: Number(port) })
      onTestFinished(() => void socket.destroy())
      socket.write(head)
      // The server has the request, and waits for what it was promised.
      expect(String((await once(socket, 'data'))[0])).toContain('100 Continue')
      socket.write('grant_type=')
      return socket
    }),
  )
  const other = await fetch(`${authority.address}/oidc/jwks`)
  expect(other.status).toBe(200)
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' })
  const asked = await fetch(`${authority.address}/oidc/token`, { method: 'POST', body: form })
  expect(await asked.json()).toMatchObject({ error: 'invalid_request' })
  for (const socket of slow) {
    socket.write('x'.repeat(29))
    expect(String((await once(socket, 'data'))[0])).toContain('HTTP/1.1 400')
  }
})
