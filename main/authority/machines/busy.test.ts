import { expect, test } from 'vitest'
import { createBound } from '../server/bound.ts'
import { createMachineRoutes, enrolPath } from './routes.ts'
import { tokenPath } from './token.ts'

/** Sent as it comes; the types of the platform leave it out. */
const streamed = { duplex: 'half' }

const form = { 'content-type': 'application/x-www-form-urlencoded' }

function routes(limit = 1) {
  const gate = Promise.withResolvers<never>()
  let begun = 0
  const stuck = () => {
    begun += 1
    return gate.promise
  }
  const app = createMachineRoutes({
    enrol: stuck,
    token: stuck,
    house: { rpId: 'lanyard.example', origin: 'https://a', issuer: 'https://a' },
    bundleKey: null,
    now: () => 0,
    bound: createBound({ limit, answerWithin: 50 }),
  })
  const enrol = () => {
    const body = JSON.stringify({ token: 'lny1_'.padEnd(48, 'x'), proof: 'x.y.z' })
    return app.request(enrolPath, { method: 'POST', body })
  }
  const token = () => app.request(tokenPath, { method: 'POST', headers: form, body: 'a=b' })
  return { app, enrol, token, begun: () => begun }
}

test('a token that takes too long, and one too many, are refused as OAuth has it', async () => {
  const { token, begun } = routes()
  for (const said of ['database is slow', 'as much to do as it takes']) {
    const answer = await token()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringContaining(said),
    })
  }
  expect(begun()).toBe(1)
})

test('an enrolment that takes too long, and one too many, are refused as calls are', async () => {
  const { enrol, begun } = routes()
  for (const said of ['database is slow', 'as much to do as it takes']) {
    const answer = await enrol()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toEqual({
      error: { code: 'store-busy', message: expect.stringContaining(said) },
    })
  }
  expect(begun()).toBe(1)
})

test.each([enrolPath, tokenPath])('a body without end to %s is refused unread', async (path) => {
  const { app, begun } = routes()
  const body = new Blob(['x'.repeat(13 * 1024)]).stream()
  const answer = await app.request(
    new Request(`http://a${path}`, { method: 'POST', headers: form, body, ...streamed }),
  )
  expect([answer.status, begun()]).toEqual([413, 0])
})

test('who sends a body slowly takes nobody else the place', async () => {
  const { app, token } = routes()
  const body = new ReadableStream({ pull: () => new Promise(() => {}) })
  void app.request(
    new Request(`http://a${tokenPath}`, { method: 'POST', headers: form, body, ...streamed }),
  )
  expect(await (await token()).text()).toContain('database is slow')
})
