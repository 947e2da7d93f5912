import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../../main/store/postgres/index.ts'
import { rpId } from './authority.ts'
import { createTestCa } from './certificates.ts'
import { enrolMachine, httpsPeer, type TestMachine } from './https-agent.ts'
import { addPeople, type ReadyPerson } from './many-people.ts'
import { badgeKey } from './nodes.ts'
import { freePort } from './postgres.ts'
import { lanyard } from './service-process.ts'

const host = `service.${rpId}`
const url = `https://${host}`

/** A house with a configuration for the real service, people who can sign in, and a workstation. */
export interface ServiceHouse {
  readonly config: string
  readonly people: readonly ReadyPerson[]
  /** Once the service is ready: its workstation, which calls it. */
  enrol(): Promise<(call: string, params: object) => ReturnType<TestMachine['call']>>
  dispose(): Promise<void>
}

export async function openServiceHouse({
  connectionString,
  policy,
}: {
  readonly connectionString: string
  readonly policy: Readonly<Record<string, number>>
}): Promise<ServiceHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-house-'))
  const at = (file: string) => join(folder, file)
  const ca = await createTestCa()
  await ca.issue({
    names: [host, '127.0.0.1'],
    certificateFile: at('tls.crt'),
    keyFile: at('tls.key'),
  })
  await succeed('authority', 'keys', '--out', at('keys.json'))
  const keys = JSON.parse(await readFile(at('keys.json'), 'utf8')) as object
  const badge = { version: badgeKey.version, key: Buffer.from(badgeKey.key).toString('hex') }
  await writeFile(at('keys.json'), JSON.stringify({ ...keys, badge }), { mode: 0o600 })
  const port = await freePort()
  const config = at('authority.yaml')
  await writeFile(
    config,
    `
url: ${url}
rpId: ${rpId}
listen: { host: 127.0.0.1, port: ${port} }
tls: { certificate: tls.crt, key: tls.key }
database: { url: "${connectionString}", poolSize: 4 }
keys: { file: keys.json }
keptCheckpoint: { file: checkpoint }
policy: ${JSON.stringify(policy)}
stop: { notice: 0 }
`,
  )
  await writeFile(
    at('ward.yaml'),
    'people: []\nworkstations: [{ id: ws-1, name: "Bay 4", place: Willow Ward }]\n',
  )
  await succeed('authority', 'seed', at('ward.yaml'), '--config', config)
  const db = await openPostgres({ connectionString, poolSize: 2 })
  const people = await addPeople(db, 'person', 40)
  await db.close()
  return {
    config,
    people,
    async enrol() {
      const out = await succeed('authority', 'workstation', 'token', 'ws-1', '--config', config)
      const { token } = JSON.parse(out) as { token: string }
      const peer = httpsPeer({ ca: ca.certificate, host })
      const machine = await enrolMachine({ peer, port, issuer: url, id: 'ws-1', token })
      return (call, params) => machine.call(port, call, params)
    },
    async dispose() {
      await ca.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await lanyard(...args)
  if (code !== 0) throw new Error(`lanyard ${args[1]} ended with ${code}: ${err}${out}`)
  return out
}
