import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestCa } from '../../test/support/certificates.ts'
import { type MachinesFixture, machinesFixture } from '../../test/support/machines.ts'
import { CallFailure } from '../authority/context.ts'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import { workstationIdSchema } from '../authority/protocol/views.ts'
import { memoryVault } from '../vault/memory-vault.ts'
import { createMachine } from './machine.ts'
import { enrolMachine } from './enrol-machine.ts'
import { reachFailure } from './failure.ts'
import { newMachineKey } from './machine-key.ts'
import { createMachinePost } from './machine-post.ts'
import { loadMachine, type MachineSecrets } from './machine-vault.ts'
import { systemTrust } from './system-trust.ts'
import { createTroubleTeller } from './tell-trouble.ts'

let f: MachinesFixture
let vault: ReturnType<typeof memoryVault>
const post = createMachinePost({})
beforeEach(async () => {
  f = await machinesFixture()
  vault = memoryVault()
})
afterEach(() => f.dispose())

const add = (id = 'ws-1') => f.machines.register.add({ id, name: 'Bay 4', place: 'Ward', by: 'it' })
const enrol = (token: string, now = f.now) =>
  enrolMachine({ authority: f.issuer, token, vault, post, now })
async function enrolled(): Promise<MachineSecrets> {
  const { token } = await add()
  const done = await enrol(token)
  if (!done.ok) throw new Error(`${done.reason} ${done.detail}`)
  return done.secrets
}
const machineOf = (secrets: MachineSecrets, now = f.now) =>
  createMachine({ secrets, vault, post, now })
const authenticate = (headers: Readonly<Record<string, string>>) =>
  f.machines.authenticate({ method: 'GET', url: '/agent/v1/socket', headers })
/** As a connection carries it: what the authority refuses arrives as an AuthorityError. */
const rotateAs = (keyId: string) => (proof: string) =>
  f.machines.handlers['machine.rotate'](
    { proof },
    { workstation: { id: workstationIdSchema.parse('ws-1'), name: '' }, keyId },
  ).catch((error: unknown) => {
    if (error instanceof CallFailure) throw new AuthorityError(error.code, error.message)
    throw error
  })
const keyIdOf = async (headers: Readonly<Record<string, string>>) =>
  (await authenticate(headers))?.keyId

describe('enrolment', () => {
  test('keeps key and identity in the secret store, and the machine proves itself', async () => {
    const secrets = await enrolled()
    expect(await loadMachine(vault)).toEqual(secrets)
    expect(secrets.identity).toMatchObject({
      authority: f.issuer,
      workstation: { id: 'ws-1', name: 'Bay 4', place: 'Ward' },
      rpId: 'lanyard.example',
    })
    const machine = await machineOf(secrets)
    expect(await authenticate(await machine.headers())).toMatchObject({
      workstation: { id: 'ws-1' },
    })
  })

  test('what is kept fits the smallest secret store (2,560 bytes, as UTF-16)', async () => {
    const { keys } = await enrolled()
    const both = JSON.stringify({ ...keys, next: keys.current })
    expect(2 * Math.ceil(both.length / 3) * 4).toBeLessThan(2_560)
  })

  test('with a clock that is an hour off it goes by the authority’s; with a worse one it says so', async () => {
    const { token } = await add()
    const hour = 3_600_000
    expect(await enrol(token, () => f.now() + 30 * hour)).toEqual({
      ok: false,
      reason: 'clock',
      detail: '108000 s ahead',
    })
    expect(await enrol(token, () => f.now() - hour)).toMatchObject({ ok: true })
  })

  test('an answer that was lost is asked for again with the same key', async () => {
    const { token } = await add()
    const key = await newMachineKey()
    const options = { authority: f.issuer, token, vault, key, now: f.now }
    let lost = 0
    const lossy: typeof post = async (url, init) => {
      const answer = await post(url, init)
      lost += 1
      if (lost === 1) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
      return answer
    }
    const first = await enrolMachine({ ...options, post: lossy })
    expect(first).toEqual({ ok: false, reason: 'unreachable', detail: 'ECONNRESET' })
    expect(await enrolMachine({ ...options, post: lossy })).toMatchObject({ ok: true })
  })

  test('an authority that sends the machine to another address is not believed', async () => {
    const { token } = await add()
    const astray: typeof post = async (url, init) => {
      const body: unknown = await (await post(url, init)).json()
      return Response.json({ ...(body as object), issuer: 'http://elsewhere.example' })
    }
    const options = { authority: f.issuer, token, vault, post: astray, now: f.now }
    expect(await enrolMachine(options)).toMatchObject({ ok: false, detail: 'not-an-authority' })
    expect(await loadMachine(vault)).toBeNull()
  })

  test.each([
    ['a used token', 'token-used'],
    ['an unknown token', 'token-unknown'],
  ])('%s is refused by name', async (what, detail) => {
    const { token } = await add()
    await enrol(token)
    const answer = await enrol(what === 'a used token' ? token : 'x'.repeat(22))
    expect(answer).toEqual({ ok: false, reason: 'refused', detail })
  })
})

describe('a machine', () => {
  test('asks for one token and proves every connection anew', async () => {
    const machine = await machineOf(await enrolled())
    const [a, b] = [await machine.headers(), await machine.headers()]
    expect(a['authorization']).toBe(b['authorization'])
    expect(a['dpop']).not.toBe(b['dpop'])
    expect(await authenticate(a)).not.toBeNull()
    expect(await authenticate(b)).not.toBeNull()
  })

  test('allows for a clock that is months off', async () => {
    const machine = await machineOf(await enrolled(), () => Date.now())
    expect(await authenticate(await machine.headers())).not.toBeNull()
  })

  test('that was disabled hears so, and works again when it is enabled', async () => {
    const machine = await machineOf(await enrolled())
    await machine.headers()
    await f.machines.register.disable({ id: 'ws-1', by: 'it' })
    machine.refused()
    await expect(machine.headers()).rejects.toMatchObject({ reason: 'disabled' })
    await f.machines.register.enable({ id: 'ws-1', by: 'it' })
    expect(await authenticate(await machine.headers())).not.toBeNull()
  })

  test('that was enrolled anew elsewhere hears that its key is revoked', async () => {
    const machine = await machineOf(await enrolled())
    const { token } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
    await enrolMachine({ authority: f.issuer, token, vault: memoryVault(), post, now: f.now })
    await expect(machine.headers()).rejects.toMatchObject({ reason: 'revoked' })
  })

  test('changes its key when it is due, and the new one lasts over a restart', async () => {
    const secrets = await enrolled()
    const machine = await machineOf(secrets)
    const before = (await keyIdOf(await machine.headers())) ?? ''
    expect(await machine.rotate(rotateAs(before))).toBe('not-due')
    f.advance(30 * 24 * 3_600_000)
    expect(await machine.rotate(rotateAs(before))).toBe('rotated')
    const after = await keyIdOf(await machine.headers())
    expect(after).not.toBe(before)
    const kept = await loadMachine(vault)
    expect(kept?.keys.next).toBeNull()
    const again = await machineOf(kept ?? secrets)
    expect(await keyIdOf(await again.headers())).toBe(after)
    expect(f.records.filter(({ event }) => event === 'workstation.cloned')).toEqual([])
  })

  test.each([
    ['before the authority heard of the new key', false],
    ['after the authority took the new key', true],
  ])('cut off %s, it goes on by itself', async (_name, taken) => {
    const secrets = await enrolled()
    const machine = await machineOf(secrets)
    const before = (await keyIdOf(await machine.headers())) ?? ''
    const cut = async (proof: string) => {
      if (taken) await rotateAs(before)(proof)
      throw new AuthorityError('unreachable', 'cut')
    }
    await expect(machine.rotate(cut, { now: true })).rejects.toMatchObject({ code: 'unreachable' })
    const kept = await loadMachine(vault)
    expect(kept?.keys.next).not.toBeNull()
    const restarted = await machineOf(kept ?? secrets)
    const after = await keyIdOf(await restarted.headers())
    expect(after === before).toBe(!taken)
    expect((await loadMachine(vault))?.keys.next).toBeNull()
    expect(await restarted.rotate(rotateAs(after ?? ''), { now: true })).toBe('rotated')
    expect(f.records.filter(({ event }) => event === 'workstation.cloned')).toEqual([])
  })

  test('whose key was copied is refused another, and keeps the one that it has', async () => {
    const secrets = await enrolled()
    const machine = await machineOf(secrets)
    const copy = await createMachine({ secrets, vault: memoryVault(), post, now: f.now })
    const key = (await keyIdOf(await machine.headers())) ?? ''
    expect(await copy.rotate(rotateAs(key), { now: true })).toBe('rotated')
    machine.refused()
    await machine.headers()
    expect(await machine.rotate(rotateAs(key), { now: true })).toBe('refused')
    expect(await keyIdOf(await machine.headers())).toBe(key)
  })
})

describe('trust', () => {
  test('is what the system, the runtime and the environment believe, each once', () => {
    const stores: Record<string, string[]> = {
      default: ['a', 'b'],
      system: ['b', 'c'],
      extra: ['c'],
    }
    expect(systemTrust(((of: string) => stores[of]) as never)).toEqual(['a', 'b', 'c'])
    expect(systemTrust().length).toBeGreaterThan(50)
  })

  test('a certificate that is not believed is no authority, and is told from nobody there', async () => {
    const ca = await createTestCa()
    const folder = await mkdtemp(join(tmpdir(), 'lanyard-machine-'))
    const [certificateFile, keyFile] = [join(folder, 'crt'), join(folder, 'key')]
    await ca.issue({ names: ['127.0.0.1'], certificateFile, keyFile })
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    await rm(folder, { recursive: true })
    const server = createServer({ cert, key }, (_request, response) => response.end('{}'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const answer = await enrolMachine({
      authority: `https://127.0.0.1:${port}`,
      token: 'x'.repeat(22),
      vault,
      post,
    })
    expect(answer).toMatchObject({ ok: false, reason: 'certificate' })
    await new Promise((resolve) => server.close(resolve))
    await ca.dispose()
    const nobody = await enrolMachine({ authority: 'http://127.0.0.1:1', token: 'x', vault, post })
    expect(nobody).toMatchObject({ ok: false, reason: 'unreachable' })
  })

  test.each([
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'certificate'],
    ['ECONNREFUSED', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
  ])('%s counts as %s, also as the cause of something else', (code, reason) => {
    const cause = Object.assign(new Error('x'), { code })
    expect(reachFailure(cause).reason).toBe(reason)
    expect(reachFailure(new TypeError('fetch failed', { cause }))).toEqual({ reason, detail: code })
  })
})

describe('what people are told', () => {
  const teller = () => {
    const told: string[] = []
    const tell = createTroubleTeller({
      fault: (code) => told.push(code),
      outOfService: (code) => told.push(`ended, ${code}`),
    })
    return { told, ...tell }
  }
  const away = { reason: 'unreachable', detail: 'ECONNREFUSED' } as const

  test('of an authority that never answered, after a moment and once', () => {
    const { told, trouble } = teller()
    for (let attempt = 0; attempt < 9; attempt++) trouble(away)
    expect(told).toEqual(['authority-unreachable'])
  })

  test('of a loss after it was there: nothing, the seat says that it is offline', () => {
    const { told, trouble, online } = teller()
    online()
    for (let attempt = 0; attempt < 9; attempt++) trouble(away)
    trouble({ reason: 'certificate', detail: 'CERT_HAS_EXPIRED' })
    expect(told).toEqual([])
  })

  test('of a refusal at any time, and again after it was over', () => {
    const { told, trouble, online } = teller()
    online()
    trouble({ reason: 'disabled' })
    trouble({ reason: 'disabled' })
    online()
    trouble({ reason: 'revoked' })
    expect(told).toEqual(['ended, workstation-disabled', 'ended, key-revoked'])
  })
})
