import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { createAuditLog } from '../../../main/audit/index.ts'
import { createAuthority } from '../../../main/authority/authority.ts'
import { createClock } from '../../../main/authority/clock.ts'
import type { Caller } from '../../../main/authority/context.ts'
import { startEventFeed } from '../../../main/authority/events/index.ts'
import { createOauth } from '../../../main/authority/oauth/index.ts'
import type { Authenticate } from '../../../main/authority/server/authentication.ts'
import { listen } from '../../../main/authority/server/server.ts'
import { createTimers } from '../../../main/authority/server/timers.ts'
import { startRounds } from '../../../main/authority/service/rounds.ts'
import type { Database } from '../../../main/store/port.ts'
import { randomPiece } from '../../../main/random.ts'
import { type Policy, settings } from '../../../main/policy/settings.ts'
import { type DatabaseSettings, openBenchDatabase } from '../databases.ts'
import { badgeKey, logKey, origin, rpId } from '../people.ts'

/*
 * The authority as it is, with its real database, log, HTTP server and sockets, in a process of its
 * own: `node serve.ts <settings>`. Only who calls is believed without a proof: one server serves any
 * number of workstations. Sends {url} to its parent when it serves.
 */

interface Settings {
  readonly database: DatabaseSettings
  readonly policy?: Partial<Policy>
  readonly port?: number
  /** For the question `committed`. */
  readonly timesCommits?: boolean
  /** Files of the certificate and its key; plain HTTP without. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

const own = JSON.parse(process.argv[2] ?? '') as Settings
const { database, policy = {}, port = 0, tls, timesCommits = false } = own

/** When the last write of a call was durable, by the machine's clock, ns. */
let committedAt = 0n
function noteCommits(db: Database): Database {
  if (!timesCommits) return db
  return {
    ...db,
    write: async (work, options) => {
      const value = await db.write(work, options)
      // The log's own writes name nothing.
      if (options?.lock) committedAt = process.hrtime.bigint()
      return value
    },
  }
}

/** A workstation by its proof, or `Bearer <workstation>`. */
const authenticate: Authenticate = (request) => {
  const { authorization } = request.headers
  if (authorization?.startsWith('DPoP ')) return authority.machines.authenticate(request)
  const id = authorization?.slice('Bearer '.length)
  return Promise.resolve(
    id ? ({ workstation: { id, name: `Ward ${id}` } } as unknown as Caller) : null,
  )
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let retries = 0
const db = noteCommits(await openBenchDatabase(database, () => (retries += 1)))
const clock = createClock({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  newestRecord: 0,
})
const audit = await createAuditLog({
  db,
  ...logKey,
  now: clock.now,
  onTrouble: (error) => console.error('the log was not sequenced', error),
})
const server = await listen({
  port,
  hostAllowed: () => true,
  ...(tls && {
    certificate: { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) },
  }),
})
const url = tls ? server.url.replace(/^http:/, 'https:') : server.url
const defaults = Object.fromEntries(
  Object.entries(settings).map(([name, setting]) => [name, setting.default]),
) as unknown as Policy
const authority = await createAuthority({
  db,
  audit,
  policy: { ...defaults, ...policy },
  now: clock.now,
  randomId: () => Buffer.from(randomPiece(16)).toString('base64url'),
  rpId,
  origin,
  issuer: url,
  badgeKey,
  createOauth,
  applications: [],
  idTokenKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
  cookieKey: randomBytes(32),
  seed: null,
  embeddedIn: null,
  // A service issues bundles, so it notes who was seen where; what is embedded in an agent does not.
  bundleKey: database.engine === 'postgres' ? randomBytes(32) : null,
  clockJump: () => clock.jump(),
  reserveState: () => 'held',
})
const feed =
  database.engine === 'postgres'
    ? await startEventFeed({ db, session: database, hub: authority.events })
    : null
const timers = createTimers({ now: clock.now, tick: () => authority.tick() })
authority.onDue((at) => timers.due(at))
const rounds = startRounds({ look: () => authority.machines.look() })
server.serve({ authority, authenticate })

async function stop(): Promise<void> {
  await server.dispose()
  await rounds.stop()
  await timers.dispose()
  await feed?.dispose()
  await authority.dispose()
  await audit.dispose()
  await db.close()
  process.exit(0)
}

/** From the first question on: it is a timer of its own. */
let lag: IntervalHistogram | null = null
/** The longest that the event loop stood still since the last question, ms. */
function longestLag(): number {
  if (!lag) {
    lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
  }
  const { max } = lag
  lag.reset()
  return max / 1e6
}

async function answer(what: unknown): Promise<unknown> {
  switch (what) {
    case 'retries':
      return retries
    case 'committed':
      return Number(committedAt) / 1e6
    case 'lag':
      return longestLag()
    case 'memory':
      // What V8 keeps in reserve is no agent's.
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      return process.memoryUsage()
    case 'end-sessions':
      // As if the next shift began: nobody was seen anywhere just before.
      await db.write(async (tx) => {
        await tx
          .updateTable('sessions')
          .set({ ended_at: clock.now(), end_reason: 'sign-out' })
          .where('ended_at', 'is', null)
          .execute()
        await tx
          .updateTable('badges')
          .set({ last_seen_at: null, last_seen_workstation_id: null })
          .execute()
      })
      return true
    default:
      return null
  }
}
process.on('message', (what) => {
  void answer(what).then((value) => process.send?.({ value }))
})
process.on('SIGTERM', () => void stop())
process.on('disconnect', () => process.exit(0))
process.send?.({ url })
