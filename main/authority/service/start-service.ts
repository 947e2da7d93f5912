import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { AuditError, createAuditLog } from '../../audit/index.ts'
import { describeError } from '../../describe-error.ts'
import { openPostgres } from '../../store/postgres/index.ts'
import type { Database } from '../../store/port.ts'
import { StoreError } from '../../store/port.ts'
import { createAuthority } from '../authority.ts'
import { createClock } from '../clock.ts'
import type { AuthorityContext } from '../context.ts'
import { log } from '../log.ts'
import { createOauth } from '../oauth/index.ts'
import type { Mount } from '../server/app.ts'
import type { Authenticate } from '../server/authentication.ts'
import { type AuthorityServer, listen } from '../server/server.ts'
import { createTimers } from '../server/timers.ts'
import type { Services } from '../services.ts'
import { newestRecord } from '../start.ts'
import { readCertificate } from './certificate.ts'
import { createDatabaseTime, type DatabaseTime } from './database-time.ts'
import { databaseSession } from './database-session.ts'
import { createDatabaseWatch } from './database-watch.ts'
import { guardCalls } from './guard-calls.ts'
import { createHealth } from './health.ts'
import type { ServiceKeys } from './keys.ts'
import { createLiveOauth } from './live-oauth.ts'
import { createLivePolicy } from './live-policy.ts'
import { createMetrics } from './metrics.ts'
import { createPulse } from './pulse.ts'
import type { ReadConfig } from './read-config.ts'
import { hostCheck, peerCheck } from './who-may-connect.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
/** While the database cannot be reached at the start it is tried again this often, ms. */
const again = 1_000
/** Connected agents are told to go within this time, ms. */
const spread = 3_000

/** Who calls and what else is served, once the database is there. */
export type Attach = (services: Pick<Services, 'db' | 'now' | 'policy'>) => Promise<{
  readonly authenticate: Authenticate
  readonly mounts?: readonly Mount[]
}>

export interface StartServiceOptions {
  readonly read: ReadConfig
  readonly keys: ServiceKeys
  readonly attach: Attach
  readonly environment?: NodeJS.ProcessEnv
  /** Gives up waiting for the database. */
  readonly signal?: AbortSignal
}

export interface RunningService {
  /** As agents and applications know it. */
  readonly url: string
  /** Not ready, sockets closed, calls finished, log signed, connections closed; false: not all of it. */
  stop(): Promise<boolean>
}

/** One node of a hospital's authority, from its configuration to its port. */
export async function startService(options: StartServiceOptions): Promise<RunningService> {
  const { read, keys, attach, environment = process.env, signal } = options
  const { config } = read
  const files = { folder: read.folder, environment }
  const session = await databaseSession(config.database, files)
  const certificate = config.tls ? await readCertificate(config.tls, files) : null
  const metrics = createMetrics()
  const watch = createDatabaseWatch(session)
  const undo: (() => Promise<unknown>)[] = [() => watch.close()]
  let state: 'starting' | 'serving' | 'stopping' = 'starting'
  const pulse = createPulse({ watch })
  const health = createHealth({
    notReady: () => (state === 'serving' ? pulse.trouble() : state),
  })

  try {
    const server = await listen({
      ...config.listen,
      ...(certificate ? { certificate } : {}),
      hostAllowed: hostCheck(config),
      peerAllowed: peerCheck(config),
      probe: health,
    })
    undo.push(() => server.dispose())
    const { time, db } = await openDatabase()
    undo.push(() => db.close())
    return await serve(server, time, db)
  } catch (error) {
    pulse.stop()
    for (const step of undo.toReversed()) await step().catch(() => {})
    throw error
  }

  /** Waits for a database that is away; anything else that is wrong with it ends the start. */
  async function openDatabase(): Promise<{ time: DatabaseTime; db: Database }> {
    for (;;)
      try {
        const time = await createDatabaseTime({ ask: () => watch.time() })
        const db = await openPostgres({
          ...session,
          poolSize: config.database.poolSize,
          now: () => Math.floor(time.wall()),
          onRetry: () => metrics.retried(),
        })
        return { time, db }
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'unreachable') throw error
        log('warn', 'database-away', { advice: error.advice })
        await pause(again, undefined, signal ? { signal } : {})
      }
  }

  async function serve(server: AuthorityServer, time: DatabaseTime, db: Database) {
    let wake = () => {}
    const clock = createClock({
      ...time,
      newestRecord: await newestRecord(db),
      onForward: () => wake(),
    })
    const audit = await createAuditLog({
      db,
      seed: bytes(keys.log),
      origin: `${config.rpId}/authority`,
      now: clock.now,
      onTrouble: (error) => log('error', 'log-not-sequenced', describeError(error)),
    })
    undo.push(() => audit.dispose())
    const live = createLivePolicy(read.policy)
    const oauth = createLiveOauth(createOauth, config.applications)
    const context: AuthorityContext = {
      db,
      audit,
      policy: live.policy,
      now: clock.now,
      randomId: () => randomBytes(16).toString('base64url'),
      rpId: config.rpId,
      origin: `https://agent.${config.rpId}`,
      issuer: config.url,
      badgeKey: { version: keys.badge.version, key: bytes(keys.badge.key) },
    }
    const authority = await createAuthority({
      ...context,
      createOauth: oauth.create,
      applications: oauth.applications,
      idTokenKey: bytes(keys.idToken),
      cookieKey: bytes(keys.cookie),
      seed: null,
      embeddedIn: null,
      clockJump() {
        const by = clock.jump()
        if (by !== null) metrics.clockJumped()
        return by
      },
      reserveState: () => 'held',
    })
    const timers = createTimers({ now: clock.now, tick: () => authority.tick() })
    authority.onDue((at) => timers.due(at))
    wake = () => timers.due(0)
    const guarded = guardCalls(authority.handlers, {
      limit: config.load.calls,
      answerWithin: config.load.answerWithin,
      meter: metrics,
    })
    server.serve({
      authority: { ...authority, handlers: guarded.handlers },
      ...(await attach(context)),
    })
    pulse.start({ time, now: clock.now })
    metrics.watch(() => ({
      ready: state === 'serving' && pulse.trouble() === null,
      sockets: server.sockets,
      underWay: guarded.underWay,
      ...pulse.readings(),
      connections: [],
      certificateEnds: certificate?.endsAt ?? null,
    }))
    state = 'serving'

    async function stop(): Promise<boolean> {
      state = 'stopping'
      let clean = true
      await pause(config.stop.notice)
      const steps = [
        () => server.dispose({ spread }),
        () => timers.dispose(),
        () => authority.dispose(),
        () => audit.checkpoint(),
        () => audit.dispose(),
        () => db.close(),
        () => watch.close(),
      ]
      pulse.stop()
      for (const step of steps)
        try {
          await step()
        } catch (error) {
          clean = false
          log('error', 'stop-incomplete', describeError(error))
        }
      return clean
    }
    let stopping: Promise<boolean> | null = null
    return { url: config.url, stop: () => (stopping ??= stop()) }
  }
}

/** Whether an error is one that its reader can mend: the message says how. */
export const isExpected = (error: unknown): error is StoreError | AuditError =>
  error instanceof StoreError || error instanceof AuditError
