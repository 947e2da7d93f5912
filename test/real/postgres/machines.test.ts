import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createWorkstationRegister } from '../../../main/authority/machines/register.ts'
import type { ConnectedAuthority } from '../../../main/authority/protocol/client.ts'
import { sha256 } from '../../../main/authority/machines/dpop.ts'
import { createKeys } from '../../../main/authority/service/keys.ts'
import { withHouse } from '../../../main/authority/service/open-house.ts'
import { readConfig } from '../../../main/authority/service/read-config.ts'
import { type RunningService, startService } from '../../../main/authority/service/start-service.ts'
import { connectMachine, type MachineTrouble } from '../../../main/machine/connect-machine.ts'
import { enrolMachine } from '../../../main/machine/enrol-machine.ts'
import { createMachine, type Machine } from '../../../main/machine/machine.ts'
import { createMachinePost } from '../../../main/machine/machine-post.ts'
import { loadMachine, type MachineSecrets } from '../../../main/machine/machine-vault.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { memoryVault } from '../../../main/vault/memory-vault.ts'
import { createTestCa, type TestCa } from '../../support/certificates.ts'
import { machineKey, machinesFixture, type MachinesFixture } from '../../support/machines.ts'
import { newSchema } from './schema.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** The same database behind two pools, as two nodes have it. */
async function twoNodes(): Promise<readonly [MachinesFixture, MachinesFixture]> {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const open = async (nodeId: string) => {
    const db = await openPostgres({ ...session, poolSize: 8, waitTimeout: 20_000 })
    const node = await machinesFixture({ db, nodeId, issuer: 'https://authority.example' })
    undo.push(async () => {
      await node.dispose()
      await db.close()
    })
    return node
  }
  return [await open('a'), await open('b')]
}
const fifty = Array.from({ length: 50 }, (_, at) => at)
const good = (answers: readonly { readonly status: number }[]) =>
  answers.filter(({ status }) => status === 200).length

test('one enrolment token, 50 keys at once at two nodes: exactly one is enrolled', async () => {
  const nodes = await twoNodes()
  const { token } = await nodes[0].machines.register.add({
    id: 'ws-1',
    name: 'Bay 4',
    place: '',
    by: 'it',
  })
  const keys = await Promise.all(fifty.map(machineKey))
  const proofs = await Promise.all(keys.map((key) => nodes[0].enrolProof(key, token)))
  const answers = await Promise.all(
    proofs.map((proof, at) => nodes[at % 2 === 0 ? 0 : 1].enrol(token, proof)),
  )
  expect(good(answers)).toBe(1)
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(49)
})

test('one assertion, one proof, 50 times at once at two nodes: exactly one token, one call', async () => {
  const nodes = await twoNodes()
  const [a, b] = nodes
  const key = await machineKey()
  await a.enrolled('ws-1', key)
  const at = (n: number) => (n % 2 === 0 ? a : b)
  const client_assertion = await a.assertion(key, 'ws-1')
  const proofs = await Promise.all(fifty.map(() => a.dpop(key)))
  const once = proofs.map((proof, n) => at(n).askToken({ client_assertion }, proof))
  expect(good(await Promise.all(once))).toBe(1)

  const proof = await a.dpop(key)
  const assertions = await Promise.all(fifty.map(() => a.assertion(key, 'ws-1')))
  const again = assertions.map((each, n) => at(n).askToken({ client_assertion: each }, proof))
  expect(good(await Promise.all(again))).toBe(1)

  const token = await b.token(key, 'ws-1')
  const htu = `${a.issuer}/agent/v1/socket`
  const dpop = await a.dpop(key, { htm: 'GET', htu, ath: sha256(token) })
  const request = {
    method: 'GET',
    url: '/agent/v1/socket',
    headers: { authorization: `DPoP ${token}`, dpop },
  }
  const callers = await Promise.all(fifty.map((n) => at(n).machines.authenticate(request)))
  expect(callers.filter((caller) => caller !== null)).toHaveLength(1)
})

let ca: TestCa
let folder: string
let secureContext: SecureContext
beforeEach(async () => {
  ca = await createTestCa()
  folder = await mkdtemp(join(tmpdir(), 'lanyard-machines-'))
  secureContext = createSecureContext({ ca: ca.certificate })
})
afterEach(async () => {
  await ca.dispose()
  await rm(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** A node with a certificate of the test's own authority, and the path of its configuration. */
async function startNode(): Promise<{ node: RunningService; path: string; url: string }> {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const at = (file: string) => join(folder, file)
  await ca.issue({
    names: ['127.0.0.1'],
    certificateFile: at('tls.crt'),
    keyFile: at('tls.key'),
  })
  const keys = createKeys()
  await writeFile(at('keys.json'), JSON.stringify(keys), { mode: 0o600 })
  const port = await freePort()
  const url = `https://127.0.0.1:${port}`
  await writeFile(
    at('authority.yaml'),
    `
url: ${url}
rpId: willowbrook.example
listen: { host: 127.0.0.1, port: ${port} }
tls: { certificate: tls.crt, key: tls.key }
database: { url: "${session.connectionString}", schema: ${session.schema}, poolSize: 4 }
keys: { file: keys.json }
stop: { notice: 0 }
`,
  )
  const path = at('authority.yaml')
  const read = await readConfig(path)
  const node = await startService({ read, keys })
  undo.push(() => node.stop())
  return { node, path, url }
}
const inHouse = <T>(
  path: string,
  work: (register: ReturnType<typeof createWorkstationRegister>) => Promise<T>,
) =>
  withHouse(path, ({ services, endSession }) =>
    work(createWorkstationRegister({ ...services, endSession })),
  )

interface Seat {
  readonly machine: Machine
  readonly client: ConnectedAuthority
  readonly events: string[]
  readonly states: string[]
  readonly troubles: MachineTrouble[]
}

async function seatOf(secrets: MachineSecrets, vault = memoryVault()): Promise<Seat> {
  const post = createMachinePost({ secureContext })
  const machine = await createMachine({ secrets, vault, post })
  const troubles: MachineTrouble[] = []
  const events: string[] = []
  const states: string[] = []
  const client = connectMachine({
    machine,
    instance: randomBytes(8).toString('hex'),
    secureContext,
    backoff: { first: 50, longest: 500 },
    onTrouble: (trouble) => troubles.push(trouble),
  })
  client.onEvent(({ type }) => events.push(type))
  client.onConnection((state) => states.push(state))
  undo.push(() => client.dispose())
  return { machine, client, events, states, troubles }
}

test('a workstation enrols over TLS, changes its key, is told of a copy, and is cut off when disabled', async () => {
  const { path, url } = await startNode()
  const { token } = await inHouse(path, (register) =>
    register.add({ id: 'ws-1', name: 'Bay 4', place: 'Willow', by: 'it' }),
  )
  const vault = memoryVault()
  // Whoever does not know the house's own root certificate connects to nobody.
  const stranger = createMachinePost({})
  const blind = await enrolMachine({ authority: url, token, vault, post: stranger })
  expect(blind).toMatchObject({ ok: false, reason: 'certificate' })

  const post = createMachinePost({ secureContext })
  const enrolled = await enrolMachine({ authority: url, token, vault, post })
  if (!enrolled.ok) throw new Error(`${enrolled.reason} ${enrolled.detail}`)
  const seat = await seatOf(enrolled.secrets, vault)
  await expect.poll(() => seat.states).toEqual(['online'])

  const rotated = await seat.machine.rotate(
    (proof) => seat.client.call('machine.rotate', { proof }),
    { now: true },
  )
  expect(rotated).toBe('rotated')
  // Neither the connection nor the next one is in its way.
  await seat.client.call('workstation.report', { event: 'reader-ready', detail: {} })
  const kept = await loadMachine(vault)
  if (!kept) throw new Error('nothing was kept')
  const restarted = await seatOf(kept)
  await seat.client.dispose()
  await expect.poll(() => restarted.states).toEqual(['online'])
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(restarted.events).toEqual([])

  const copy = await seatOf(kept)
  await expect.poll(() => copy.states).toEqual(['online'])
  for (const { events } of [restarted, copy])
    await expect.poll(() => events, { timeout: 6_000 }).toEqual(['workstation.cloned'])
  expect(await inHouse(path, (register) => register.list())).toMatchObject([
    { id: 'ws-1', status: 'cloned' },
  ])

  await inHouse(path, (register) => register.disable({ id: 'ws-1', by: 'it' }))
  const disabledAt = performance.now()
  for (const { states, troubles } of [restarted, copy]) {
    await expect.poll(() => states.at(-1), { timeout: 10_000, interval: 20 }).toBe('offline')
    expect(performance.now() - disabledAt).toBeLessThan(2_000)
    await expect.poll(() => troubles.at(-1), { timeout: 5_000 }).toEqual({ reason: 'disabled' })
  }
  await inHouse(path, (register) => register.enable({ id: 'ws-1', by: 'it' }))
  await expect.poll(() => restarted.states.at(-1), { timeout: 10_000 }).toBe('online')
})
