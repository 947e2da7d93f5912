import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestClient } from './fixture-client.ts'
import { type AuthorityFixture, startAuthority } from './fixture.ts'

const issuer = 'https://lanyard.hospital.example'
const ehr = await createTestClient('ehr')
let authority: AuthorityFixture
beforeAll(async () => {
  authority = await startAuthority([ehr.application], (db) => ({ db }), issuer)
})
afterAll(() => authority.stop())

/** As a proxy sends it that ended TLS: in the clear, with the name that the client asked for. */
function send(path: string, headers: Readonly<Record<string, string>> = {}) {
  const { hostname, port } = new URL(authority.address)
  const host = new URL(issuer).host
  return new Promise<{ status: number; body: string; cookies: readonly string[] }>(
    (resolve, reject) => {
      const sent = httpRequest(
        { hostname, port, path, headers: { host, ...headers } },
        (answer) => {
          const { statusCode: status = 0, headers: told } = answer
          text(answer).then(
            (said) => resolve({ status, body: said, cookies: told['set-cookie'] ?? [] }),
            reject,
          )
        },
      )
      sent.on('error', reject)
      sent.end()
    },
  )
}

const forgeries = [
  ['nothing', {}],
  ['plain HTTP', { 'x-forwarded-proto': 'http' }],
  ['another host', { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }],
  ['both, twice', { 'x-forwarded-host': 'evil.example, b', 'x-forwarded-proto': 'http, https' }],
] as const

describe.each(forgeries)('behind a proxy that says %s of how it was reached', (_, headers) => {
  test.each(['openid-configuration', 'oauth-authorization-server'])(
    'every address of %s is one of the issuer',
    async (name) => {
      const { status, body } = await send(`/.well-known/${name}`, headers)
      expect(status).toBe(200)
      const document = JSON.parse(body) as Record<string, unknown>
      const addresses = Object.entries(document).filter(([key]) => /_(endpoint|uri)$/.test(key))
      expect(addresses.length).toBeGreaterThan(4)
      expect(document['issuer']).toBe(issuer)
      for (const [, address] of addresses) expect(address).toMatch(`${issuer}/oidc/`)
    },
  )
})

test('the cookie of a launch goes over TLS only', async () => {
  const url = new URL(await authority.launch(authority.addSession(), 'ehr'))
  expect(url.origin).toBe(issuer)
  const { status, cookies } = await send(url.pathname, { 'x-forwarded-proto': 'http' })
  expect(status).toBe(302)
  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatch(/; Secure$/)
})
