import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type MachineKey,
  machineKey,
  type MachinesFixture,
  machinesFixture,
} from '../../../test/support/machines.ts'

let f: MachinesFixture
let key: MachineKey
beforeEach(async () => {
  f = await machinesFixture()
  key = await machineKey()
})
afterEach(() => f.dispose())

const add = (id = 'ws-1') =>
  f.machines.register.add({ id, name: 'Ward 3 · 1', place: 'Ward 3', by: 'it' })
const names = () => f.records.map(({ event }) => event)

test('a machine with a token enrols its key and hears who and where it is', async () => {
  const { token } = await add()
  const { status, body } = await f.enrol(token, await f.enrolProof(key, token))
  expect(status).toBe(200)
  expect(body).toEqual({
    workstation: { id: 'ws-1', name: 'Ward 3 · 1', place: 'Ward 3' },
    clientId: 'ws-1',
    keyId: key.keyId,
    rotateAt: f.now() + 30 * 24 * 3_600_000,
    rpId: 'lanyard.example',
    origin: 'https://agent.lanyard.example',
    issuer: f.issuer,
    bundleKey: null,
    now: f.now(),
  })
  expect(names()).toEqual([
    'workstation.added',
    'workstation.enrolment-issued',
    'workstation.enrolled',
  ])
  expect(await f.machines.register.list()).toMatchObject([{ id: 'ws-1', status: 'enrolled' }])
  expect(JSON.stringify(f.records)).not.toContain(token)
})

test('a token enrols once; the same machine may ask again when it heard no answer', async () => {
  const { token } = await add()
  await f.enrol(token, await f.enrolProof(key, token))
  const again = await f.enrol(token, await f.enrolProof(key, token))
  expect(again).toMatchObject({ status: 200, body: { keyId: key.keyId } })
  const other = await machineKey()
  const refused = await f.enrol(token, await f.enrolProof(other, token))
  expect(refused).toMatchObject({ status: 403, body: { error: { reason: 'token-used' } } })
  f.advance(11 * 60_000)
  expect((await f.enrol(token, await f.enrolProof(key, token))).status).toBe(403)
  expect(names().filter((name) => name === 'workstation.enrolled')).toHaveLength(1)
  expect(names().filter((name) => name === 'workstation.refused')).toHaveLength(2)
})

test('who saw a request can neither send it again nor enrol another key with it', async () => {
  const { token } = await add()
  const seen = await f.enrolProof(key, token)
  await f.enrol(token, seen)
  expect(await f.enrol(token, seen)).toMatchObject({ body: { error: { reason: 'replayed' } } })
  const stranger = await machineKey()
  const { token: later } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
  // A proof over another token, or by a key that is not the one in its header.
  const wrong = [
    await f.enrolProof(stranger, token),
    await stranger.sign(
      'lanyard-enrol+jwt',
      { iat: f.seconds(), jti: 'x'.repeat(20), aud: f.issuer, token_hash: 'x' },
      { jwk: key.jwk },
    ),
    seen,
  ]
  for (const proof of wrong) expect(await f.enrol(later, proof)).toMatchObject({ status: 400 })
})

test.each([
  ['of another purpose', {}, { typ: 'dpop+jwt' }, 'proof-invalid'],
  ['for another authority', { aud: 'https://evil.example' }, {}, 'proof-invalid'],
  ['without an id', { jti: '' }, {}, 'proof-invalid'],
  ['from two minutes ago', { iat: Date.UTC(2026, 0, 5, 6, 58) / 1000 }, {}, 'clock'],
  ['from a clock that is ahead', { iat: Date.UTC(2026, 0, 5, 7, 2) / 1000 }, {}, 'clock'],
] as const)('a proof %s is refused', async (_name, claims, header, reason) => {
  const { token } = await add()
  const { createHash } = await import('node:crypto')
  const proof = await key.sign(
    'lanyard-enrol+jwt',
    {
      iat: f.seconds(),
      jti: 'a'.repeat(22),
      aud: f.issuer,
      token_hash: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    },
    header,
  )
  expect(await f.enrol(token, proof)).toMatchObject({
    status: 400,
    body: { error: { reason, now: f.now() } },
  })
  // The token is as good as before.
  expect((await f.enrol(token, await f.enrolProof(key, token))).status).toBe(200)
})

describe('a token that is', () => {
  test('unknown tells the log nothing', async () => {
    const token = 'x'.repeat(22)
    const { status, body } = await f.enrol(token, await f.enrolProof(key, token))
    expect([status, body]).toMatchObject([403, { error: { reason: 'token-unknown' } }])
    expect(f.records).toEqual([])
  })

  test('unknown writes nothing at all: anybody can make keys and proofs of them', async () => {
    const token = 'x'.repeat(22)
    await f.enrol(token, await f.enrolProof(key, token))
    expect(await f.db.read.selectFrom('used_proofs').selectAll().execute()).toEqual([])
  })

  test('too old is refused', async () => {
    const { token, expiresAt } = await add()
    expect(expiresAt).toBe(f.now() + 24 * 3_600_000)
    f.advance(24 * 3_600_000)
    expect(await f.enrol(token, await f.enrolProof(key, token))).toMatchObject({
      body: { error: { reason: 'token-expired' } },
    })
  })

  test('not the last one issued is refused', async () => {
    const { token } = await add()
    await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
    expect(await f.enrol(token, await f.enrolProof(key, token))).toMatchObject({
      body: { error: { reason: 'token-expired' } },
    })
  })

  test('of a disabled workstation is refused', async () => {
    const { token } = await add()
    await f.machines.register.disable({ id: 'ws-1', by: 'it' })
    expect(await f.enrol(token, await f.enrolProof(key, token))).toMatchObject({
      body: { error: { reason: 'disabled' } },
    })
  })

  test.each([59_999, 7 * 24 * 3_600_000 + 1, Number.NaN])('to live %s ms is not issued', (life) =>
    expect(
      f.machines.register.add({ id: 'ws-9', name: 'n', place: '', by: 'it', life }),
    ).rejects.toMatchObject({ code: 'bad-request' }),
  )
})

test('enrolled anew, every key from before is revoked, with its tokens', async () => {
  await f.enrolled('ws-1', key)
  const token = await f.token(key, 'ws-1')
  const { token: second } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
  const next = await machineKey()
  expect((await f.enrol(second, await f.enrolProof(next, second))).status).toBe(200)
  const rows = await f.db.read.selectFrom('machine_tokens').selectAll().execute()
  expect(rows).toEqual([])
  expect(token).not.toBe('')
  const client_assertion = await f.assertion(key, 'ws-1')
  expect(await f.askToken({ client_assertion }, await f.dpop(key))).toMatchObject({
    status: 401,
    body: { error: 'invalid_client', reason: 'revoked' },
  })
})

test('a key that was seen before is no new key', async () => {
  await f.enrolled('ws-1', key)
  const { token } = await add('ws-2')
  expect(await f.enrol(token, await f.enrolProof(key, token))).toMatchObject({ status: 400 })
  // Neither workstation lost anything by it.
  expect(await f.token(key, 'ws-1')).not.toBe('')
  const own = await machineKey()
  expect((await f.enrol(token, await f.enrolProof(own, token))).status).toBe(200)
})

test.each([
  ['no JSON', 'x'],
  ['a field too many', { token: 't', proof: 'p', workstation: 'ws-2' }],
  ['a proof that is no JWS', { token: 't', proof: 'a.b.c' }],
  ['a large body', { token: 't', proof: 'a'.repeat(13_000) }],
])('%s is refused', async (_name, body) => {
  const { status } = await f.post('/agent/v1/enrol', {
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
})

test('one token, redeemed 50 times at once by as many keys, enrols exactly one', async () => {
  const { token } = await add()
  const keys = await Promise.all(Array.from({ length: 50 }, machineKey))
  const proofs = await Promise.all(keys.map((each) => f.enrolProof(each, token)))
  const answers = await Promise.all(proofs.map((proof) => f.enrol(token, proof)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const rows = await f.db.read.selectFrom('workstation_keys').selectAll().execute()
  expect(rows).toHaveLength(1)
})
