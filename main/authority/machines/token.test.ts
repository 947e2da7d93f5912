import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  jwtBearer,
  type MachineKey,
  machineKey,
  type MachinesFixture,
  machinesFixture,
} from '../../../test/support/machines.ts'
import { sha256 } from './dpop.ts'

let f: MachinesFixture
let key: MachineKey
beforeEach(async () => {
  f = await machinesFixture()
  key = await machineKey()
  await f.enrolled('ws-1', key)
})
afterEach(() => f.dispose())

const socketUrl = () => `${f.issuer}/agent/v1/socket`
async function call(token: string, change: Record<string, unknown> = {}, by = key) {
  const proof = await f.dpop(by, {
    htm: 'GET',
    htu: socketUrl(),
    ath: sha256(token),
    ...change,
  })
  return authenticate(token, proof)
}
const authenticate = (
  token: string,
  dpop: string | undefined,
  scheme = 'DPoP',
  url = '/agent/v1/socket',
) =>
  f.machines.authenticate({
    method: 'GET',
    url,
    headers: {
      authorization: `${scheme} ${token}`,
      ...(dpop === undefined ? {} : { dpop }),
    },
  })

describe('the token endpoint', () => {
  test('gives a token of `machine.tokenLife` that opens calls as this workstation', async () => {
    const client_assertion = await f.assertion(key, 'ws-1')
    const answer = await f.askToken({ client_assertion }, await f.dpop(key))
    expect(answer).toEqual({
      status: 200,
      body: { access_token: expect.any(String), token_type: 'DPoP', expires_in: 600 },
    })
    const token = String(answer.body['access_token'])
    expect(await call(token)).toEqual({
      workstation: { id: 'ws-1', name: 'Name ws-1' },
      keyId: key.keyId,
    })
  })

  test('speaks with a certified client (oauth4webapi)', async () => {
    const as = { issuer: f.issuer, token_endpoint: `${f.issuer}/agent/v1/token` }
    const client = { client_id: 'ws-1', [oauth.clockSkew]: f.seconds() - Date.now() / 1000 }
    client[oauth.clockSkew] = Math.round(client[oauth.clockSkew])
    const DPoP = oauth.DPoP(client, key)
    const insecure = { [oauth.allowInsecureRequests]: true }
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.keyId }),
      new URLSearchParams(),
      { DPoP, ...insecure },
    )
    expect(response.headers.get('cache-control')).toBe('no-store')
    const given = await oauth.processClientCredentialsResponse(as, client, response)
    expect(given).toMatchObject({ token_type: 'dpop', expires_in: 600 })
    const sent = Promise.withResolvers<Record<string, string>>()
    await oauth.protectedResourceRequest(
      given.access_token,
      'GET',
      new URL(socketUrl()),
      undefined,
      undefined,
      {
        DPoP,
        ...insecure,
        [oauth.customFetch]: (_url, { headers }) => {
          sent.resolve(headers)
          return Promise.resolve(new Response())
        },
      },
    )
    const { authorization = '', dpop } = await sent.promise
    const [scheme, token = ''] = authorization.split(' ')
    expect(await authenticate(token, dpop, scheme)).toMatchObject({ workstation: { id: 'ws-1' } })
  })

  test('takes its own address as the audience, too', async () => {
    const client_assertion = await f.assertion(key, 'ws-1', { aud: [`${f.issuer}/agent/v1/token`] })
    expect((await f.askToken({ client_assertion }, await f.dpop(key))).status).toBe(200)
  })

  test.each([
    ['for another audience', { aud: 'https://evil.example' }],
    ['for two audiences', { aud: ['https://evil.example', 'http://127.0.0.1'] }],
    ['of another issuer', { iss: 'ws-2' }],
    ['about another subject', { sub: 'ws-2' }],
    ['without an id', { jti: undefined }],
    ['without an end', { exp: undefined }],
    ['that is over', { exp: Date.UTC(2026, 0, 5, 6, 58) / 1000 }],
    ['that is good for an hour', { exp: Date.UTC(2026, 0, 5, 8) / 1000 }],
    ['that is not good yet', { nbf: Date.UTC(2026, 0, 5, 7, 5) / 1000 }],
  ])('refuses an assertion %s', async (_name, change) => {
    const client_assertion = await f.assertion(key, 'ws-1', change)
    expect(await f.askToken({ client_assertion }, await f.dpop(key))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })

  test.each([
    ['for another method', { htm: 'GET' }, {}],
    ['for another address', { htu: 'https://evil.example/agent/v1/token' }, {}],
    ['without an id', { jti: undefined }, {}],
    ['that is old', { iat: Date.UTC(2026, 0, 5, 6, 58) / 1000 }, {}],
    ['that is from later', { iat: Date.UTC(2026, 0, 5, 7, 2) / 1000 }, {}],
    ['of another type', {}, { typ: 'jwt' }],
    ['with a symmetric key', {}, { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['with a private key', {}, { jwk: 'private' }],
    ['with a point that is not on the curve', {}, { jwk: 'off' }],
  ])('refuses a DPoP proof %s', async (_name, change, header) => {
    const jwks = {
      private: { ...key.jwk, d: 'A'.repeat(43) },
      off: { ...key.jwk, x: 'A'.repeat(43), y: 'A'.repeat(43) },
    }
    const { jwk } = header as { jwk?: unknown }
    const named = jwk === 'private' || jwk === 'off' ? { jwk: jwks[jwk] } : header
    const client_assertion = await f.assertion(key, 'ws-1')
    expect(await f.askToken({ client_assertion }, await f.dpop(key, change, named))).toMatchObject({
      status: 400,
      body: { error: 'invalid_dpop_proof' },
    })
  })

  test('refuses a proof by another key than the assertion’s, known or not', async () => {
    const other = await machineKey()
    await f.enrolled('ws-2', other)
    for (const by of [other, await machineKey()]) {
      const client_assertion = await f.assertion(key, 'ws-1')
      expect(await f.askToken({ client_assertion }, await f.dpop(by))).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      })
    }
  })

  test.each([
    [{ grant_type: 'authorization_code' }, 'unsupported_grant_type'],
    [{ client_assertion_type: 'x' }, 'invalid_request'],
    [{ client_assertion: '' }, 'invalid_client'],
    [{ client_secret: 'x' }, 'invalid_request'],
    [{ client_id: 'ws-2' }, 'invalid_client'],
  ])('answers %j as RFC 6749 says', async (fields, error) => {
    const client_assertion = await f.assertion(key, 'ws-1')
    const answer = await f.askToken({ client_assertion, ...fields }, await f.dpop(key))
    expect(answer.body).toMatchObject({ error })
  })

  test('a field that is there twice, and a body that is no form, are refused', async () => {
    const assertion = await f.assertion(key, 'ws-1')
    const fields = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: jwtBearer,
      client_assertion: assertion,
    })
    const body = JSON.stringify(Object.fromEntries(fields))
    fields.append('client_assertion', assertion)
    const dpop = await f.dpop(key)
    const twice = { headers: { dpop }, body: fields }
    const form = { headers: { dpop, 'content-type': 'application/json' }, body }
    for (const init of [twice, form])
      expect(await f.post('/agent/v1/token', init)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
  })

  test.each(['assertion', 'proof'])('an %s that was used is refused', async (what) => {
    const client_assertion = await f.assertion(key, 'ws-1')
    const proof = await f.dpop(key)
    await f.askToken({ client_assertion }, proof)
    const again =
      what === 'assertion'
        ? await f.askToken({ client_assertion }, await f.dpop(key))
        : await f.askToken({ client_assertion: await f.assertion(key, 'ws-1') }, proof)
    expect(again).toMatchObject({
      status: 400,
      body: { error: 'invalid_dpop_proof', reason: 'replayed' },
    })
  })

  test('one assertion and one proof, 50 times at once, are good for one token', async () => {
    const client_assertion = await f.assertion(key, 'ws-1')
    const proofs = await Promise.all(Array.from({ length: 50 }, () => f.dpop(key)))
    const by = await Promise.all(proofs.map((each) => f.askToken({ client_assertion }, each)))
    expect(by.filter(({ status }) => status === 200)).toHaveLength(1)
    const one = await f.dpop(key)
    const assertions = await Promise.all(Array.from({ length: 50 }, () => f.assertion(key, 'ws-1')))
    const tokens = await Promise.all(
      assertions.map((each) => f.askToken({ client_assertion: each }, one)),
    )
    expect(tokens.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('a workstation that is out of service hears so, once in the record however often it asks', async () => {
    await f.machines.register.disable({ id: 'ws-1', by: 'it' })
    for (let attempt = 0; attempt < 5; attempt++) {
      const client_assertion = await f.assertion(key, 'ws-1')
      expect(await f.askToken({ client_assertion }, await f.dpop(key))).toMatchObject({
        status: 401,
        body: { error: 'invalid_client', reason: 'disabled' },
      })
    }
    const refusals = f.records.filter(({ event }) => event === 'workstation.refused')
    expect(refusals).toHaveLength(1)
    await f.machines.register.enable({ id: 'ws-1', by: 'it' })
    expect(await f.token(key, 'ws-1')).not.toBe('')
  })
})

describe('a call', () => {
  test('needs the token and a proof of its key over it, for this method and address', async () => {
    const token = await f.token(key, 'ws-1')
    expect(await call(token)).not.toBeNull()
    expect(await call(token, { ath: sha256('another') })).toBeNull()
    expect(await call(token, { ath: undefined })).toBeNull()
    expect(await call(token, { htm: 'POST' })).toBeNull()
    expect(await call(token, { htu: `${f.issuer}/agent/v1/enrol` })).toBeNull()
    expect(await call(token, {}, await machineKey())).toBeNull()
    expect(await call('x'.repeat(43))).toBeNull()
    expect(await authenticate(token, undefined)).toBeNull()
    const proof = await f.dpop(key, { htm: 'GET', htu: socketUrl(), ath: sha256(token) })
    expect(await authenticate(token, proof, 'Bearer')).toBeNull()
    expect(await authenticate(token, `${proof}, ${proof}`)).toBeNull()
    expect(await authenticate(token, proof)).not.toBeNull()
    expect(await authenticate(token, proof)).toBeNull()
  })

  test.each(['https://evil.example/agent/v1/socket', '//evil.example/agent/v1/socket'])(
    'that names another origin by its own target, %s, is refused with a proof for that',
    async (url) => {
      const token = await f.token(key, 'ws-1')
      const htu = new URL(url, f.issuer).href
      const proof = await f.dpop(key, { htm: 'GET', htu, ath: sha256(token) })
      expect(await authenticate(token, proof, 'DPoP', url)).toBeNull()
    },
  )

  test('is refused with the token of another workstation, whatever key proves it', async () => {
    const other = await machineKey()
    await f.enrolled('ws-2', other)
    const token = await f.token(other, 'ws-2')
    expect(await call(token)).toBeNull()
    expect(await call(token, {}, other)).toMatchObject({ workstation: { id: 'ws-2' } })
  })

  test('is refused after the token’s end, and from the moment the workstation is disabled', async () => {
    const token = await f.token(key, 'ws-1')
    f.advance(600_000)
    expect(await call(token)).toBeNull()
    const next = await f.token(key, 'ws-1')
    await f.machines.register.disable({ id: 'ws-1', by: 'it' })
    expect(await call(next)).toBeNull()
    await f.machines.register.enable({ id: 'ws-1', by: 'it' })
    // Disabling revoked the token for good.
    expect(await call(next)).toBeNull()
  })

  test('one proof, 50 times at once, opens one call', async () => {
    const token = await f.token(key, 'ws-1')
    const proof = await f.dpop(key, { htm: 'GET', htu: socketUrl(), ath: sha256(token) })
    const callers = await Promise.all(Array.from({ length: 50 }, () => authenticate(token, proof)))
    expect(callers.filter((caller) => caller !== null)).toHaveLength(1)
  })
})

test('what is over is forgotten, and a proof that is still good is not', async () => {
  const old = await f.dpop(key)
  await f.askToken({ client_assertion: await f.assertion(key, 'ws-1') }, old)
  f.advance(59_000)
  await f.machines.purge()
  const again = await f.askToken({ client_assertion: await f.assertion(key, 'ws-1') }, old)
  expect(again.body).toMatchObject({ reason: 'replayed' })
  // A node whose time is behind by some seconds would still take it.
  f.advance(40_000)
  await f.machines.purge()
  expect(await f.db.read.selectFrom('used_proofs').selectAll().execute()).not.toEqual([])
  f.advance(601_000)
  await f.machines.purge()
  for (const table of ['used_proofs', 'machine_tokens'] as const)
    expect(await f.db.read.selectFrom(table).selectAll().execute()).toEqual([])
})
