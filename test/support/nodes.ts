import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createAuditLog } from '../../main/audit/index.ts'
import { type Authority, createAuthority } from '../../main/authority/authority.ts'
import { createClock } from '../../main/authority/clock.ts'
import type { Caller, Handlers, LiveSession } from '../../main/authority/context.ts'
import { type EventFeed, startEventFeed } from '../../main/authority/events/index.ts'
import { createOauth } from '../../main/authority/oauth/index.ts'
import {
  type Application,
  type Seed,
  workstationIdSchema,
} from '../../main/authority/protocol/index.ts'
import type { ConnectOptions } from '../../main/authority/protocol/client.ts'
import type { Authenticate } from '../../main/authority/server/authentication.ts'
import { startRounds } from '../../main/authority/service/rounds.ts'
import { listen } from '../../main/authority/server/server.ts'
import { createTimers } from '../../main/authority/server/timers.ts'
import type { Policy } from '../../main/policy/settings.ts'
import type { Database } from '../../main/store/port.ts'
import { openPostgres } from '../../main/store/postgres/index.ts'
import { defaultPolicy, rpId } from './authority.ts'

const idTokenKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const cookieKey = randomBytes(32)

export const badgeKey = { version: 1, key: new Uint8Array(32).fill(7) }

const ehr: Application = {
  id: 'ehr',
  name: 'Record',
  kind: 'ehr',
  clientId: 'ehr',
  redirectUris: ['http://127.0.0.1:9/callback'],
  launchUrl: 'http://127.0.0.1:9/launch',
  resource: 'http://127.0.0.1:9/fhir',
  origins: [],
  jwks: {
    keys: [
      {
        ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
        kid: 'k1',
        use: 'sig',
        alg: 'ES256',
      },
    ],
  },
}

/** The agent of a workstation, as these nodes know it. */
export const agentHeaders = (workstation: string): NonNullable<ConnectOptions['headers']> => {
  return () => Promise.resolve({ 'x-workstation': workstation })
}

const byName: Authenticate = ({ headers }) => {
  const id = workstationIdSchema.safeParse(headers['x-workstation'])
  const caller = id.success && { workstation: { id: id.data, name: `At ${id.data}` } }
  return Promise.resolve(caller || null)
}

export interface NodeOptions {
  readonly connectionString: string
  readonly schema: string
  /** As which its connections are known to PostgreSQL. */
  readonly name: string
  readonly policy?: Partial<Policy>
  readonly seed?: Seed | null
  readonly poolSize?: number
  readonly port?: number
}

export interface TestNode {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly authority: Authority
  readonly db: Database
  readonly feed: EventFeed
  /** As the node itself asks whether a session is live, before it believes a token. */
  readonly live: (sessionId: string) => Promise<LiveSession | null>
  /** Calls of a workstation that this node has begun and not finished, whoever still waits for them. */
  underWay(workstation: string): number
  /** Transactions that had to run again so far. */
  readonly retries: number
  stop(): Promise<void>
}

/** One node of an authority on PostgreSQL, whole except for its configuration and its machines. */
export async function startNode(options: NodeOptions): Promise<TestNode> {
  const { schema, name, seed = null, poolSize = 12, port = 0 } = options
  // No URL where it names several servers.
  const connectionString = `${options.connectionString}?application_name=${name}`
  const session = { connectionString, schema }
  let retries = 0
  const db = await openPostgres({ ...session, poolSize, onRetry: () => (retries += 1) })
  const clock = createClock({
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    newestRecord: 0,
  })
  const audit = await createAuditLog({
    db,
    seed: new Uint8Array(32).fill(3),
    origin: `${rpId}/nodes`,
    now: clock.now,
  })
  const server = await listen({ port, hostAllowed: () => true })
  let live: TestNode['live'] = () => Promise.resolve(null)
  const authority = await createAuthority({
    db,
    audit,
    policy: { ...defaultPolicy, ...options.policy },
    now: clock.now,
    randomId: () => randomBytes(16).toString('base64url'),
    rpId,
    origin: `https://agent.${rpId}`,
    issuer: server.url,
    badgeKey,
    createOauth(context, oauth) {
      ;({ live } = oauth)
      return createOauth(context, oauth)
    },
    applications: [ehr],
    idTokenKey: new Uint8Array(idTokenKey.privateKey.export({ format: 'der', type: 'pkcs8' })),
    cookieKey,
    seed,
    embeddedIn: null,
    clockJump: () => clock.jump(),
    reserveState: () => 'held',
  })
  const feed = await startEventFeed({ db, session, hub: authority.events })
  const timers = createTimers({ now: clock.now, tick: () => authority.tick() })
  authority.onDue((at) => timers.due(at))
  const rounds = startRounds({ look: () => authority.markOverdue() })
  const begun = new Map<string, number>()
  server.serve({
    authority: { ...authority, handlers: counting(authority.handlers, begun) },
    authenticate: byName,
  })
  return {
    name,
    url: server.url,
    port: Number(new URL(server.url).port),
    authority,
    db,
    feed,
    live,
    underWay: (workstation) => begun.get(workstation) ?? 0,
    get retries() {
      return retries
    },
    async stop() {
      await server.dispose()
      await rounds.stop()
      await timers.dispose()
      await feed.dispose()
      await authority.dispose()
      await audit.dispose()
      await db.close()
    },
  }
}

function counting(handlers: Handlers, begun: Map<string, number>): Handlers {
  const entries = Object.entries(handlers).map(([call, handler]) => [
    call,
    async (request: never, caller: Caller) => {
      const { id } = caller.workstation
      begun.set(id, (begun.get(id) ?? 0) + 1)
      try {
        return await (handler as (request: never, caller: Caller) => Promise<unknown>)(
          request,
          caller,
        )
      } finally {
        begun.set(id, (begun.get(id) ?? 0) - 1)
      }
    },
  ])
  return Object.fromEntries(entries) as Handlers
}
