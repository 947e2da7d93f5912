import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { WebSocket } from 'ws'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { createTestCa, type TestCa } from '../../support/certificates.ts'
import {
  enrolMachine,
  type HttpsPeer,
  httpsPeer,
  type TestMachine,
} from '../../support/https-agent.ts'
import { postgresBinaries, startPostgres, type PostgresCluster } from '../../support/postgres.ts'
import { lanyard, type ServiceProcess, startServiceProcess } from '../../support/service-process.ts'
import { newSchema } from './schema.ts'

const name = 'lanyard.willowbrook.example'
const url = `https://${name}`
const seed = `
people:
  - personId: mary
    given: Mary
    family: Underwood
    role: nurse
    badges: ["WIEGAND|H10301|26|118|1603"]
    applications: []
    patient: null
    enrolmentCode: sandbox-mary-1603
workstations:
  - { id: ws-1, name: "Bay 4, bed 12", place: Willow Ward }
`

let ca: TestCa
let peer: HttpsPeer
let folder: string
const processes: ServiceProcess[] = []

beforeAll(async () => {
  if (!existsSync(join(import.meta.dirname, '../../../out/main/lanyard.js')))
    throw new Error('Build first: npm run build')
  ca = await createTestCa()
  peer = httpsPeer({ ca: ca.certificate, host: name })
})
afterAll(() => ca.dispose())
afterEach(async () => {
  for (const one of processes.splice(0)) {
    one.signal('SIGKILL')
    await one.exited
  }
  await rm(folder, { recursive: true, force: true })
})

interface NodeSettings {
  readonly port: number
  readonly metricsPort: number
  readonly more?: string
}

/** A folder with keys, certificate and seed, as an administrator has them. */
async function house(connectionString: string, schema: string) {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-service-'))
  const at = (file: string) => join(folder, file)
  const tls = { certificateFile: at('tls.crt'), keyFile: at('tls.key') }
  await ca.issue({ names: [name, '127.0.0.1'], ...tls })
  const made = await lanyard('authority', 'keys', '--out', at('keys.json'))
  expect(made).toMatchObject({ code: 0, out: '' })
  await writeFile(at('people.yaml'), seed)
  return {
    at,
    tls,
    /** Writes the configuration of a node and resolves to its path. */
    async configure(this: void, node: string, { port, metricsPort, more = '' }: NodeSettings) {
      const path = at(`${node}.yaml`)
      await writeFile(
        path,
        `
url: ${url}
rpId: willowbrook.example
listen: { host: 127.0.0.1, port: ${port} }
tls: { certificate: tls.crt, key: tls.key }
database: { url: "${connectionString}", schema: ${schema}, poolSize: 4 }
keys: { file: keys.json }
metrics: { listen: { port: ${metricsPort} } }
keptCheckpoint: { file: ${node}.checkpoint }
stop: { notice: 1000 }
${more}
`,
      )
      return path
    },
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

function serve(config: string): ServiceProcess {
  const started = startServiceProcess(config)
  processes.push(started)
  return started
}

async function until(condition: () => Promise<boolean>, patience = 20_000): Promise<number> {
  const began = performance.now()
  while (performance.now() - began < patience) {
    if (await condition()) return performance.now() - began
    await pause(100)
  }
  throw new Error('It did not become so in time.')
}

/** The connection of a workstation, not open yet. */
async function socketOf(machine: TestMachine, port: number): Promise<WebSocket> {
  const path = '/agent/v1/socket'
  return new WebSocket(`wss://127.0.0.1:${port}${path}`, {
    ca: ca.certificate,
    headers: { host: name, ...(await machine.prove('GET', path)) },
  })
}

const statusOf = async (port: number, path: string): Promise<number> =>
  (await peer.ask(port, path)).status

test('two nodes serve one authority: name, health, numbers, policy, a drain in order', async () => {
  const { session, drop } = newSchema(inject('postgres'))
  const [a = 0, b = 0, ma = 0, mb = 0] = await freePorts(4)
  const { configure, at } = await house(session.connectionString, session.schema)
  const first = await configure('a', { port: a, metricsPort: ma })
  const nodes = [serve(first), serve(await configure('b', { port: b, metricsPort: mb }))] as const
  // Both migrate the same empty database.
  for (const node of nodes) expect(await node.ready).toEqual({ event: 'ready', url })
  expect(nodes[0].out().split('\n')).toHaveLength(2)

  for (const port of [a, b]) {
    expect(await statusOf(port, '/healthz')).toBe(200)
    expect(await statusOf(port, '/readyz')).toBe(200)
    const { body } = await peer.ask(port, '/.well-known/openid-configuration')
    expect(body).toMatchObject({ issuer: url, token_endpoint: `${url}/oidc/token` })
    expect(
      (await peer.ask(port, '/.well-known/openid-configuration', { host: 'evil.example' })).status,
    ).toBe(421)
    expect(await statusOf(port, '/agent/v1/openapi.json')).toBe(401)
    expect(await statusOf(port, '/nothing')).toBe(404)
  }

  const seeded = await lanyard('authority', 'seed', at('people.yaml'), '--config', first)
  expect(seeded).toMatchObject({ code: 0 })
  expect(JSON.parse(seeded.out)).toEqual({
    people: { added: 1, unchanged: 0 },
    badges: { assigned: 1, unchanged: 0, conflicting: 0 },
    codes: { issued: 1 },
    workstations: { added: 1, unchanged: 0 },
    applications: { added: 0, changed: 0, unchanged: 0 },
  })
  const again = await lanyard('authority', 'seed', at('people.yaml'), '--config', first)
  expect(JSON.parse(again.out)).toMatchObject({
    people: { added: 0, unchanged: 1 },
    badges: { assigned: 0, unchanged: 1 },
    codes: { issued: 0 },
    workstations: { added: 0, unchanged: 1 },
  })

  const issued = await lanyard('authority', 'workstation', 'token', 'ws-1', '--config', first)
  const { token } = JSON.parse(issued.out) as { token: string }
  const machine = await enrolMachine({ peer, port: a, issuer: url, id: 'ws-1', token })
  const hello = (port: number) =>
    machine.call(port, 'agent.hello', { protocol: 1, afterSeq: 0, instance: 'one' })
  // Enrolled at one node, known at the other.
  for (const port of [a, b])
    expect(await hello(port)).toMatchObject({
      status: 200,
      body: { rpId: 'willowbrook.example', policy: {} },
    })

  const socket = await socketOf(machine, b)
  const told: { event?: { type: string; policy?: object } }[] = []
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as object))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(
    JSON.stringify({
      id: 1,
      call: 'agent.hello',
      params: { protocol: 1, afterSeq: 0, instance: 'one' },
    }),
  )
  await until(async () => told.length > 0)

  // A wrong file changes nothing; a right one reaches the other node and its agents.
  const text = await readFile(first, 'utf8')
  await writeFile(first, `${text}policy: { session.inactivty: 900000 }\n`)
  nodes[0].signal('SIGHUP')
  const refused = await nodes[0].logged('reload-refused')
  expect(refused['faults']).toContain('Did you mean session.inactivity?')
  await writeFile(first, `${text}policy: { session.inactivity: 900000 }\n`)
  nodes[0].signal('SIGHUP')
  await nodes[0].logged('reloaded')
  await until(async () => told.some(({ event }) => event?.type === 'policy.changed'))
  expect(told.find(({ event }) => event?.type === 'policy.changed')?.event?.policy).toEqual({
    'session.inactivity': 900_000,
  })
  await until(async () => {
    const { body } = await hello(b)
    return JSON.stringify((body as { policy: object }).policy) === '{"session.inactivity":900000}'
  })

  // What people do, and what goes wrong with it, names nobody in the log.
  const tap = (badge: string) =>
    machine.call(b, 'tap.identify', { tapId: badge, badge, reader: 'r', purpose: 'sign-in' })
  expect(await tap('WIEGAND|H10301|26|118|1603')).toMatchObject({ body: { outcome: 'identified' } })
  expect(await tap('WIEGAND|H10301|26|118|1')).toMatchObject({ body: { outcome: 'refused' } })
  const nonsense = { ceremonyId: 'Mary Underwood', response: { id: 'Mary Underwood' } }
  expect(await machine.call(b, 'session.start', nonsense)).toMatchObject({ status: 400 })

  const scraped = await (await fetch(`http://127.0.0.1:${mb}/metrics`)).text()
  for (const line of [
    'lanyard_ready 1',
    'lanyard_sockets 1',
    'lanyard_agents_arriving{for="hello"} 0',
    'lanyard_database_reachable 1',
    'lanyard_calls_total{call="agent.hello",outcome="ok"}',
    'lanyard_call_duration_seconds_bucket{le="0.05",call="agent.hello"}',
    'lanyard_log_lag_seconds',
    'lanyard_database_connections{pool="write",state="in-use"}',
    'lanyard_certificate_ends_timestamp_seconds',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(scraped).toContain(line)
  expect(scraped).not.toMatch(/ws-1|mary|Underwood/i)
  expect(JSON.stringify([...nodes[0].log, ...nodes[1].log])).not.toMatch(
    /mary|Underwood|sandbox-|H10301/i,
  )

  const began = performance.now()
  nodes[1].signal('SIGTERM')
  await until(async () => (await statusOf(b, '/readyz').catch(() => 0)) === 503)
  expect(await closed).toBe(1001)
  expect(await nodes[1].exited).toBe(0)
  expect(performance.now() - began).toBeLessThan(15_000)
  expect(await statusOf(a, '/readyz')).toBe(200)
  nodes[0].signal('SIGTERM')
  expect(await nodes[0].exited).toBe(0)
  const verified = await lanyard('authority', 'verify', '--config', first)
  expect(verified).toMatchObject({ code: 0 })
  expect(verified.out).toMatch(/^SOUND: \d+ records.*\nIt goes on from the checkpoint/)
  await drop()
})

test('a renewed certificate holds for new connections, and a wrong one for none', async () => {
  const { session, drop } = newSchema(inject('postgres'))
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const { configure, tls } = await house(session.connectionString, session.schema)
  const node = serve(await configure('a', { port, metricsPort }))
  await node.ready
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = await peer.ask(port, '/healthz', { agent })
  await ca.issue({ names: [name, '127.0.0.1'], ...tls })
  let fresh = before
  await until(async () => {
    // Asked all the time, or the server would close it as idle.
    expect((await peer.ask(port, '/healthz', { agent })).serial).toBe(before.serial)
    fresh = await peer.ask(port, '/healthz')
    return fresh.serial !== before.serial
  })
  expect((await peer.ask(port, '/healthz', { agent })).serial).toBe(before.serial)
  agent.destroy()
  await writeFile(tls.certificateFile, 'no certificate')
  await node.logged('certificate-refused')
  expect((await peer.ask(port, '/healthz')).serial).toBe(fresh.serial)
  node.signal('SIGTERM')
  expect(await node.exited).toBe(0)
  await drop()
})

test('a wrong configuration is refused with every fault, and nothing is printed as a result', async () => {
  const { session } = newSchema(inject('postgres'))
  const { configure, at } = await house(session.connectionString, session.schema)
  const path = await configure('a', { port: 1, metricsPort: 2, more: 'lgo: { level: info }' })
  expect(await lanyard('authority', 'serve', '--config', path)).toEqual({
    code: 2,
    out: '',
    err: [
      `${path}: lgo is not known. Did you mean log?`,
      'docs/operate.md describes every key.',
      '',
    ].join('\n'),
  })
  const missing = await lanyard('authority', 'serve', '--config', at('none.yaml'))
  expect(missing).toMatchObject({ code: 2, out: '' })
  expect(missing.err).toContain('does not exist')
  const twice = await lanyard('authority', 'keys', '--out', at('keys.json'))
  expect(twice).toMatchObject({ code: 2 })
})

test('when PostgreSQL is away the node says so, answers in time, and comes back by itself', async () => {
  const cluster: PostgresCluster = await startPostgres()
  try {
    const connectionString = await cluster.createDatabase()
    const [port = 0, metricsPort = 0] = await freePorts(2)
    const { configure, at } = await house(connectionString, 'lanyard')
    const config = await configure('a', { port, metricsPort })
    await cluster.stop()
    const node = serve(config)
    // It waits for a database that is away at its start, too.
    await node.logged('database-away')
    expect(await peer.ask(port, '/readyz')).toMatchObject({
      status: 503,
      body: { reason: 'starting' },
    })
    await cluster.start()
    await node.ready
    await lanyard('authority', 'seed', at('people.yaml'), '--config', config)
    const issued = await lanyard('authority', 'workstation', 'token', 'ws-1', '--config', config)
    const { token } = JSON.parse(issued.out) as { token: string }
    const machine = await enrolMachine({ peer, port, issuer: url, id: 'ws-1', token })
    const tap = () =>
      machine.call(port, 'workstation.report', { event: 'agent-started', detail: {} })
    expect(await tap()).toMatchObject({ status: 200 })

    const agent = await socketOf(machine, port)
    const left = new Promise<number>((resolve) => agent.once('close', resolve))
    await new Promise((resolve) => agent.once('open', resolve))

    await cluster.stop('immediate')
    const away = await tap()
    expect(away).toMatchObject({ status: 503, body: { error: { code: 'store-busy' } } })
    expect(away.headers['retry-after']).toBe('1')
    await until(async () => (await statusOf(port, '/readyz')) === 503)
    expect(await statusOf(port, '/healthz')).toBe(200)
    // Agents go where they can sign people in, if only alone.
    await node.logged('agents-sent-away')
    expect(await left).toBe(1013)
    const refused = await socketOf(machine, port)
    const status = new Promise<number>((resolve) =>
      refused.once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0)),
    )
    expect(await status).toBe(503)
    // Which it reports as an error, too.
    refused.on('error', () => {}).terminate()
    await cluster.start()
    await until(async () => (await statusOf(port, '/readyz')) === 200)
    expect(await tap()).toMatchObject({ status: 200 })

    // A database that hangs: an answer within about two seconds, and the place is given back.
    const blocker = cluster.admin(
      'begin; lock table lanyard."auditRecord" in access exclusive mode; select pg_sleep(6); rollback',
      [],
      new URL(connectionString).pathname.slice(1),
    )
    await pause(300)
    const began = performance.now()
    const slow = await Promise.all(Array.from({ length: 6 }, tap))
    const took = performance.now() - began
    for (const answer of slow) expect(answer.status).toBe(503)
    expect(took).toBeLessThan(4_000)
    await blocker
    await until(async () => (await tap()).status === 200)
    const scraped = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(scraped).toMatch(/lanyard_sheds_total\{reason="slow"\} [1-9]/)
    node.signal('SIGTERM')
    expect(await node.exited).toBe(0)
  } finally {
    await cluster.dispose()
  }
})

test('a restored authority verifies its log and goes on; one that would fork it does not start', async () => {
  const cluster: PostgresCluster = await startPostgres()
  try {
    const bin = (await postgresBinaries()) ?? ''
    const run = promisify(execFile)
    const dump = (from: string, file: string) =>
      run(join(bin, 'pg_dump'), ['--format=custom', '--schema=lanyard', `--file=${file}`, from])
    const restore = async (file: string) => {
      const into = await cluster.createDatabase()
      await run(join(bin, 'pg_restore'), ['--exit-on-error', `--dbname=${into}`, file])
      return into
    }
    const original = await cluster.createDatabase()
    const [port = 0, metricsPort = 0] = await freePorts(2)
    const { configure, at } = await house(original, 'lanyard')
    const config = await configure('a', { port, metricsPort })
    const point = async (to: string) => {
      const text = await readFile(config, 'utf8')
      await writeFile(config, text.replace(/url: "postgresql.*?"/, `url: "${to}"`))
    }
    const once = async () => {
      const node = serve(config)
      await node.ready
      node.signal('SIGTERM')
      expect(await node.exited).toBe(0)
    }
    await once()
    await lanyard('authority', 'seed', at('people.yaml'), '--config', config)
    await dump(original, at('older.dump'))
    await once()
    await dump(original, at('newest.dump'))

    // The newest state: verified, and the same log goes on in another database.
    await point(await restore(at('newest.dump')))
    const sound = await lanyard('authority', 'verify', '--config', config)
    expect(sound).toMatchObject({ code: 0 })
    const recordsOf = (out: string) => Number(/SOUND: (\d+)/.exec(out)?.[1])
    await once()
    const after = await lanyard('authority', 'verify', '--config', config)
    expect(recordsOf(after.out)).toBeGreaterThan(recordsOf(sound.out))

    // An older state: records that this node has seen signed are missing.
    const older = await restore(at('older.dump'))
    await point(older)
    const short = await lanyard('authority', 'verify', '--config', config)
    expect(short).toMatchObject({ code: 1 })
    expect(short.out).toContain('NOT SOUND')
    const refused = await lanyard('authority', 'serve', '--config', config)
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toContain('Stop all nodes. Restore the newest backup')
    // What was done in spite of it is known by the checkpoint, and only moving that aside goes on.
    await rm(at('a.checkpoint'))
    await once()
    expect(await lanyard('authority', 'verify', '--config', config)).toMatchObject({
      code: 0,
      err: '',
    })

    // A record that was changed in the database is named.
    await cluster.admin(
      `update lanyard."auditRecord" set "body" = replace("body", 'authority.started', 'authority.stopped') where "id" = 2`,
      [],
      new URL(older).pathname.slice(1),
    )
    const changed = await lanyard('authority', 'verify', '--config', config)
    expect(changed).toMatchObject({ code: 1 })
    expect(changed.out).toMatch(/^NOT SOUND. Record 1:/)
  } finally {
    await cluster.dispose()
  }
}, 400_000)
