import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueToken } from '../../main/authority/directory/service-tokens.ts'
import { createWorkstationRegister } from '../../main/authority/machines/register.ts'
import type { Application } from '../../main/authority/protocol/index.ts'
import { createKeys } from '../../main/authority/service/keys.ts'
import { withHouse } from '../../main/authority/service/open-house.ts'
import type { Policy } from '../../main/policy/settings.ts'
import { openPostgres } from '../../main/store/postgres/index.ts'
import type { Database } from '../../main/store/port.ts'
import { rpId } from './authority.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'
import { badgeKey } from './nodes.ts'
import { freePort } from './postgres.ts'
import { type ServiceProcess, sourceProgram, startServiceProcess } from './service-process.ts'

const scimPath = '/scim/v2'

/** Which of the two. */
export type Which = 0 | 1

/** The real service twice, each a process of its own, behind one name on one database. */
export interface TwoNodes {
  readonly url: string
  /** Path of a node's configuration. */
  config(node: Which): string
  readonly nodes: readonly [ServiceProcess, ServiceProcess]
  /** The one name; `choose` says which node new connections to it reach. */
  readonly front: FaultyProxy
  choose(node: Which): void
  /** Asks a node of choice under the one name. */
  ask(node: Which, path: string, question?: Question): Promise<Response>
  readonly db: Database
  /** A token by which a machine enrols as a new workstation. */
  token(workstation: string): Promise<string>
  /** A request as the directory sends it to one of the nodes, with its bearer token. */
  scim(node: Which, method: string, path: string, body?: object): Promise<ScimResponse>
  /** Another policy in the file of a node, which it then reads. */
  reload(node: Which, policy: Partial<Policy>): Promise<void>
  /** Starts again a node that has ended or was killed; it takes its place in `nodes`. */
  restart(node: Which): Promise<void>
  dispose(): Promise<void>
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ScimResponse {
  readonly status: number
  readonly body: { readonly id?: string; readonly active?: boolean }
}

export interface TwoNodesOptions {
  readonly session: { readonly connectionString: string; readonly schema: string }
  readonly policy?: Partial<Policy>
  readonly directory?: object
  readonly applications?: readonly Application[]
  /** From "not ready" to the first closed connection, ms. */
  readonly notice?: number
}

/** Over plain HTTP on the loopback, from the sources as they are now. */
export async function startTwoNodes({
  session,
  policy = {},
  directory = {},
  applications = [],
  notice = 0,
}: TwoNodesOptions): Promise<TwoNodes> {
  const undo: (() => Promise<unknown>)[] = []
  const dispose = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'lanyard-two-nodes-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const badge = { version: badgeKey.version, key: Buffer.from(badgeKey.key).toString('hex') }
    const keys = JSON.stringify({ ...createKeys(), badge })
    await writeFile(join(folder, 'keys.json'), keys, { mode: 0o600 })
    const front = await startFaultyProxy()
    undo.push(() => front.dispose())
    const url = `http://127.0.0.1:${front.port}`
    const ports = [await freePort(), await freePort()] as const
    const fileOf = (node: Which) => join(folder, `node-${node}.yaml`)
    const configure = (node: Which, now: Partial<Policy>) =>
      writeFile(
        fileOf(node),
        JSON.stringify({
          url,
          rpId,
          listen: { host: '127.0.0.1', port: ports[node] },
          database: { url: session.connectionString, schema: session.schema, poolSize: 6 },
          keys: { file: 'keys.json' },
          directory,
          applications,
          policy: now,
          stop: { notice },
        }),
      )
    await configure(0, policy)
    await configure(1, policy)
    const bearer = await withHouse(fileOf(0), async ({ services: { unit, record } }) => {
      const machine = { name: 'directory', owner: 'IT', purpose: 'people', life: 86_400_000 }
      return (await unit((work) => issueToken(record, work, machine)))?.token ?? ''
    })
    const start = (node: Which): ServiceProcess => {
      const started = startServiceProcess(fileOf(node), {}, sourceProgram)
      undo.push(async () => {
        started.signal('SIGKILL')
        await started.exited
      })
      return started
    }
    const nodes: [ServiceProcess, ServiceProcess] = [start(0), start(1)]
    await Promise.all(nodes.map(({ ready }) => ready))
    const db = await openPostgres({ ...session, poolSize: 2 })
    undo.push(() => db.close())
    const ask: TwoNodes['ask'] = (node, path, question = {}) =>
      askPort(ports[node], `${url}${path}`, question)
    const choose = (node: Which) => {
      front.target = { host: '127.0.0.1', port: ports[node] }
    }
    choose(0)
    return {
      url,
      config: fileOf,
      nodes,
      front,
      choose,
      ask,
      db,
      token: (id) =>
        withHouse(fileOf(0), async ({ services, endSession }) => {
          const register = createWorkstationRegister({ ...services, endSession })
          return (await register.add({ id, name: `At ${id}`, place: '', by: 'it' })).token
        }),
      async scim(node, method, path, body) {
        const answer = await ask(node, `${scimPath}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${bearer}`,
            ...(body ? { 'content-type': 'application/scim+json' } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        })
        const text = await answer.text()
        const read = text === '' ? {} : (JSON.parse(text) as ScimResponse['body'])
        return { status: answer.status, body: read }
      },
      async reload(node, next) {
        const served = nodes[node]
        const before = served.log.length
        await configure(node, { ...policy, ...next })
        served.signal('SIGHUP')
        await served.logged('reloaded', before)
      },
      async restart(node) {
        await nodes[node].exited
        nodes[node] = start(node)
        await nodes[node].ready
      },
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** `fetch` lets nobody say another name than the address. */
function askPort(port: number, url: string, question: Question): Promise<Response> {
  const { method = 'GET', headers = {}, body = '' } = question
  return new Promise((resolve, reject) => {
    const { host } = new URL(url)
    const asked = request(url, { port, method, headers: { ...headers, host } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const { statusCode: status = 0, headers: answered } = answer
        const type = answered['content-type'] ?? ''
        const content = status === 204 ? null : Buffer.concat(parts)
        resolve(new Response(content, { status, headers: { 'content-type': type } }))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
