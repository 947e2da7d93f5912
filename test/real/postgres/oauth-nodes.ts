import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { appendRecord } from '../../../main/audit/append.ts'
import type { LiveSession } from '../../../main/authority/context.ts'
import { listen } from '../../../main/authority/oauth/fixture.ts'
import { createOauth, type Oauth } from '../../../main/authority/oauth/index.ts'
import type { Application, SessionView } from '../../../main/authority/protocol/index.ts'
import type { Database } from '../../../main/store/port.ts'

/**
 * OpenID of one house on two nodes, each with connections of its own, behind one name: whatever is
 * asked goes to one and the other by turns.
 */
export async function openOauthNodes(
  open: () => Promise<Database>,
  applications: readonly Application[],
) {
  const nodes: Oauth[] = []
  const asked = [0, 0]
  let turn = 0
  const server = createServer((request, response) => {
    const at = (turn += 1) % 2
    asked[at] = (asked[at] ?? 0) + 1
    if (nodes[at]?.requestListener(request, response) !== true) response.writeHead(404).end()
  })
  const issuer = await listen(server)
  const sessions = new Map<string, LiveSession>()
  const failures: unknown[] = []
  const databases = [await open(), await open()] as const
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = {
    idTokenKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    cookieKey: randomBytes(32),
  }
  const audit = {
    append: appendNow,
    checkpoint: () => Promise.resolve({ size: 0, note: '' }),
    export: async function* () {},
    dispose: () => Promise.resolve(),
  }
  for (const db of databases)
    nodes.push(
      await createOauth(
        { db, audit, now: Date.now, issuer },
        {
          applications,
          ...keys,
          live: async (sessionId) => sessions.get(sessionId) ?? null,
          report: (error) => failures.push(error),
        },
      ),
    )

  return {
    issuer,
    db: databases[0],
    failures,
    /** How many requests each node was asked. */
    asked: asked as readonly number[],
    /** A launch of `application` in a new session of an invented nurse. */
    async launch(application: string): Promise<string> {
      const sessionId = randomBytes(16).toString('base64url') as SessionView['sessionId']
      sessions.set(sessionId, {
        sessionId,
        personId: 'mary',
        displayName: 'Mary Underwood',
        role: 'nurse',
        kind: 'standard',
        scope: 'full',
        aal: 2,
        amr: ['hwk', 'user'],
        verifiedAt: Date.now() - 1000,
        endsAt: Date.now() + 3_600_000,
        applications: applications.map(({ id }) => id),
        patient: 'p-204',
        override: null,
        workstation: 'ws-1',
      })
      const caller = { workstation: { id: 'ws-1', name: 'Ward 3' } }
      const create = nodes[0]?.handlers['launch.create']
      if (!create) throw new Error('no node')
      return (await create({ sessionId, application }, caller as Parameters<typeof create>[1])).url
    },
    async dispose() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const node of nodes) node.dispose()
      await Promise.all(databases.map((db) => db.close()))
    },
  }
}

const appendNow: Parameters<typeof createOauth>[0]['audit']['append'] = (tx, input) =>
  appendRecord(tx, input, Date.now())
