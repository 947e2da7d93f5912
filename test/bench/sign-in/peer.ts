import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { CallError } from '../agent-client.ts'
import type { Ground } from '../databases.ts'
import { type BenchPerson, origin, peerRows, rpId } from '../people.ts'
import { startServer } from '../processes.ts'
import type { Dishonesty } from '../../support/passkey.ts'
import type { Contender } from './cell.ts'

const folder = join(import.meta.dirname, '../peer')

/** Its packages are installed when they are needed for the first time: nobody else needs them. */
export function installPeer(): void {
  if (existsSync(join(folder, 'node_modules/better-auth'))) return
  // Standard output belongs to the figures.
  const stdio = ['ignore', process.stderr, process.stderr] as ('ignore' | NodeJS.WriteStream)[]
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, stdio })
}

export interface Peer extends Contender {
  /** HTTP status of a sign-in with such an assertion. */
  statusOf(person: BenchPerson, lie: Dishonesty): Promise<number>
}

/** better-auth over keep-alive HTTP, as a browser would speak to it. */
export async function openPeer(ground: Ground, people: readonly BenchPerson[]): Promise<Peer> {
  const rows = join(ground.folder, 'peer.json')
  await writeFile(rows, JSON.stringify(peerRows(people)))
  const database = ground.cluster
    ? { postgres: await ground.cluster.createDatabase() }
    : { sqlite: join(ground.folder, 'peer.db') }
  const server = await startServer({
    script: join(folder, 'server.mjs'),
    settings: { ...database, people: rows, rpId, origin },
    flushDelay: ground.engine === 'sqlite' ? ground.flushDelay : 0,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })

  function ask(path: string, cookie: string, body?: unknown) {
    const text = body === undefined ? null : JSON.stringify(body)
    const headers = {
      origin,
      ...(cookie === '' ? {} : { cookie }),
      ...(text === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    return new Promise<{ status: number; cookie: string; body: unknown }>((resolve, reject) => {
      const sent = request(
        `${server.url}/api/auth/passkey/${path}`,
        { agent, method: text === null ? 'GET' : 'POST', headers },
        (response) => {
          let answer = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (answer += part))
          response.on('end', () => {
            const set = response.headers['set-cookie'] ?? []
            resolve({
              status: response.statusCode ?? 0,
              cookie: set.map((one) => one.split(';')[0]).join('; '),
              body: answer === '' ? null : JSON.parse(answer),
            })
          })
        },
      )
      sent.on('error', reject)
      sent.end(text ?? undefined)
    })
  }

  async function statusOf({ passkey }: BenchPerson, lie: Dishonesty = {}): Promise<number> {
    const options = await ask('generate-authenticate-options', '')
    if (options.status !== 200) return options.status
    const response = passkey.assert(options.body as { challenge: string }, lie)
    return (await ask('verify-authentication', options.cookie, { response })).status
  }

  return {
    name: 'better-auth',
    server,
    statusOf,
    async signIn(person) {
      const status = await statusOf(person)
      if (status !== 200) throw new CallError(`status ${status}`)
    },
    // It lets anybody have any number of sessions.
    reset: () => Promise.resolve(),
    async close() {
      agent.destroy()
      await server.kill()
    },
  }
}
