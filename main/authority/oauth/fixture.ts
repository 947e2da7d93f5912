import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditInput } from '../../audit/events.ts'
import { openDatabase } from '../../store/index.ts'
import type { Database } from '../../store/port.ts'
import { postgresDatabase, testPostgres } from '../../store/postgres/test-database.ts'
import type { Caller, LiveSession } from '../context.ts'
import type { Application } from '../protocol/index.ts'
import { createOauth } from './index.ts'
import type { Oauth, OauthOptions } from './port.ts'

export interface AuthorityFixture {
  readonly issuer: string
  /** Where it listens. */
  readonly address: string
  readonly oauth: Oauth
  readonly db: Database
  readonly events: AuditInput[]
  readonly sessions: Map<string, LiveSession>
  readonly caller: Caller
  readonly failures: unknown[]
  /** Moves the authority's clock, in ms. */
  advance(by: number): void
  addSession(session?: Partial<LiveSession>): LiveSession
  /** As the authority ends a session: the artefacts go in the transaction that ends it. */
  endSession(sessionId: string): Promise<void>
  launch(session: LiveSession, application: string): Promise<string>
  stop(): Promise<void>
}

export const listen = async (server: Server, port = 0): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** For tests: an authority that has sessions and OpenID, and nothing else, over real HTTP. */
export const startAuthority = async (
  applications: readonly Application[],
  guard: (db: Database) => { readonly db: Database } = (db) => ({ db }),
  /** Of an authority behind something that ends TLS; its own address when left out. */
  named?: string,
  bound?: OauthOptions['bound'],
): Promise<AuthorityFixture> => {
  let oauth: Oauth | undefined
  const server = createServer((request, response) => {
    if (oauth?.requestListener(request, response) !== true) response.writeHead(404).end()
  })
  const address = await listen(server)
  const issuer = named ?? address
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-oauth-'))
  const { db } = guard(
    testPostgres === undefined
      ? await openDatabase({ path: join(folder, 'authority.db') })
      : await postgresDatabase(testPostgres),
  )
  const events: AuditInput[] = []
  const failures: unknown[] = []
  const sessions = new Map<string, LiveSession>()
  const caller = { workstation: { id: 'ws-1', name: 'Ward 3' } } as unknown as Caller
  let offset = 0
  const now = () => Date.now() + offset

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  oauth = await createOauth(
    {
      db,
      now,
      issuer,
      audit: {
        append: async (_tx, input) => void events.push(input),
        checkpoint: async () => ({ size: 0, note: '' }),
        export: async function* () {},
        dispose: async () => undefined,
      },
    },
    {
      applications,
      idTokenKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
      cookieKey: randomBytes(32),
      live: async (sessionId) => sessions.get(sessionId) ?? null,
      report: (error) => failures.push(error),
      ...(bound ? { bound } : {}),
    },
  )
  const running = oauth

  return {
    issuer,
    address,
    oauth: running,
    db,
    events,
    sessions,
    caller,
    failures,
    advance: (by) => void (offset += by),
    addSession(session = {}) {
      const sessionId = session.sessionId ?? randomBytes(16).toString('base64url')
      const added = {
        sessionId,
        personId: 'mary',
        displayName: 'Mary Underwood',
        role: 'nurse',
        kind: 'standard',
        scope: 'full',
        aal: 2,
        amr: ['hwk', 'user'],
        verifiedAt: now() - 1000,
        endsAt: now() + 12 * 3_600_000,
        applications: applications.map(({ id }) => id),
        patient: 'p-204',
        override: null,
        workstation: 'ws-1',
        ...session,
      } as LiveSession
      sessions.set(sessionId, added)
      return added
    },
    async endSession(sessionId) {
      await db.write((tx) => running.sessionEnded(tx, sessionId))
      sessions.delete(sessionId)
    },
    async launch(session, application) {
      const { url } = await running.handlers['launch.create'](
        { sessionId: session.sessionId, application },
        caller,
      )
      return url
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      running.dispose()
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
