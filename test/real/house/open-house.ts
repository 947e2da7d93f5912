import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectMachine } from '../../../main/machine/connect-machine.ts'
import { createMachinePost } from '../../../main/machine/machine-post.ts'
import { openMachine } from '../../../main/open-machine.ts'
import type { Policy } from '../../../main/policy/settings.ts'
import { memoryVault } from '../../../main/vault/index.ts'
import { startSandboxApplications } from '../../sandbox/shared/applications.ts'
import { sandboxHouse, sandboxStaff } from '../../sandbox/shared/people.ts'
import type { KeyCredential } from '../../sandbox/security-keys.ts'
import { type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts'
import { createPasskey } from '../../support/passkey.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres.ts'
import { lanyard, type ServiceProcess, startServiceProcess } from '../../support/service-process.ts'

export const rpId = 'willowbrook.example'

/** A hospital: PostgreSQL, two nodes of the authority behind one name, two applications, staff. */
export interface House {
  readonly url: string
  readonly database: PostgresCluster
  readonly nodes: readonly ServiceProcess[]
  /** One name for all nodes: new connections go to the node with this number. */
  choose(node: number): void
  /** The network between seats and nodes. */
  readonly network: FaultyProxy
  readonly keys: Readonly<Record<string, KeyCredential>>
  /** The command line with this house's configuration. */
  lanyard(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }>
  /** A token by which a machine enrols. */
  token(workstation: string): Promise<string>
  folder: string
  dispose(): Promise<void>
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

/** Over plain HTTP on the loopback: the browser of the tests trusts no certificate of a test. */
export async function openHouse(policy: Partial<Policy> = {}): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-house-'))
  const at = (file: string) => join(folder, file)
  const database = await startPostgres()
  const network = await startFaultyProxy()
  const applications = await startSandboxApplications()
  const url = `http://127.0.0.1:${network.port}`
  const ports = await freePorts(2)
  const nodes: ServiceProcess[] = []
  const undo: (() => unknown)[] = [
    () => rm(folder, { recursive: true, force: true }),
    () => database.dispose(),
    () => network.dispose(),
    () => applications.stop(),
  ]
  const dispose = async () => {
    for (const node of nodes) node.signal('SIGTERM')
    await Promise.all(nodes.map(({ exited }) => exited))
    for (const step of undo.toReversed()) await step()
  }
  const config = (node: number) => at(`node-${node}.yaml`)
  const own = async (...args: readonly string[]) => {
    const ended = await lanyard('authority', ...args, '--config', config(0))
    if (ended.code !== 0) throw new Error(`authority ${args.join(' ')}: ${ended.err}`)
    return ended
  }
  try {
    await lanyard('authority', 'keys', '--out', at('keys.json'))
    const registered = [applications.ehr.application, applications.imaging.application]
    for (const [node, port] of ports.entries())
      await writeFile(
        config(node),
        JSON.stringify({
          url,
          rpId,
          listen: { host: '127.0.0.1', port },
          database: { url: database.connectionString, poolSize: 6 },
          keys: { file: 'keys.json' },
          keptCheckpoint: { file: `node-${node}.checkpoint` },
          stop: { notice: 200 },
          applications: registered,
          policy,
        }),
      )
    nodes.push(startServiceProcess(config(0)))
    await nodes[0]?.ready
    nodes.push(startServiceProcess(config(1)))
    await nodes[1]?.ready
    const choose = (node: number) => {
      network.target = { host: '127.0.0.1', port: ports[node] ?? 1 }
    }
    choose(0)
    await applications.connect(url)
    await writeFile(
      at('people.json'),
      JSON.stringify({
        people: sandboxHouse.people,
        workstations: [
          { id: 'ws-willow-4', name: 'Bay 4, bed 12', place: 'Willow Ward' },
          { id: 'ws-rowan-2', name: 'Bay 2, bed 7', place: 'Rowan Ward' },
          { id: 'ws-office', name: 'Badge office', place: 'Ground floor' },
        ],
      }),
    )
    await own('seed', at('people.json'))
    const token = async (workstation: string) => {
      const { out } = await own('workstation', 'token', workstation)
      return (JSON.parse(out) as { token: string }).token
    }
    const keys = await cutKeys(url, await token('ws-office'))
    return {
      url,
      database,
      nodes,
      choose,
      network,
      keys,
      lanyard: own,
      token,
      folder,
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The badge office: a machine of the house at which everybody gets a passkey. */
async function cutKeys(url: string, token: string): Promise<Record<string, KeyCredential>> {
  const vault = memoryVault()
  const machine = await openMachine({
    authority: url,
    token,
    tokenUsed: () => Promise.resolve(),
    vault,
    post: createMachinePost({}),
  })
  const client = connectMachine({ machine, instance: 'office' })
  const keys: Record<string, KeyCredential> = {}
  try {
    for (const { id, enrolmentCode } of sandboxStaff) {
      const begun = await client.call('enrolment.begin', { code: enrolmentCode, sessionId: null })
      if (begun.outcome !== 'begun') throw new Error(`enrolment of ${id}: ${begun.reason}`)
      const passkey = createPasskey({ rpId })
      const finished = await client.call('enrolment.finish', {
        enrolmentId: begun.enrolmentId,
        response: passkey.register(begun.options),
        name: 'Security key',
      })
      if (finished.outcome !== 'enrolled') throw new Error(`enrolment of ${id}: ${finished.reason}`)
      const base64 = (text: string) => Buffer.from(text, 'base64url').toString('base64')
      keys[id] = {
        credentialId: base64(passkey.id),
        isResidentCredential: true,
        rpId,
        privateKey: passkey.privateKey,
        userHandle: base64(passkey.userHandle),
        signCount: passkey.counter,
      }
    }
    return keys
  } finally {
    await client.dispose()
  }
}
