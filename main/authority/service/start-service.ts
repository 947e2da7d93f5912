import type { OpenPostgresOptions } from '../../store/postgres/index.ts'
import { type Authority, createAuthority } from '../authority.ts'
import { startEventFeed } from '../events/index.ts'
import { log } from '../log.ts'
import { createOauth } from '../oauth/index.ts'
import { createRecorder } from '../record.ts'
import type { Mount } from '../server/app.ts'
import type { Authenticate } from '../server/authentication.ts'
import { createBound } from '../server/bound.ts'
import { keepDeadlines } from '../server/deadline.ts'
import { type AuthorityServer, listen } from '../server/server.ts'
import { createTimers } from '../server/timers.ts'
import type { Services } from '../services.ts'
import { createUnits } from '../unit-of-work.ts'
import { readCertificate } from './certificate.ts'
import { type FollowedApplications, followApplications } from './follow-applications.ts'
import { createCallGuard } from './guard-calls.ts'
import { createHealth } from './health.ts'
import { createHousePolicy, type HousePolicy } from './house-policy.ts'
import type { ServiceKeys } from './keys.ts'
import { createLiveOauth } from './live-oauth.ts'
import { createLivePolicy } from './live-policy.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { meterTaps } from './meter-taps.ts'
import { serveMetrics } from './metrics-server.ts'
import { openNode, type OpenNode } from './open-node.ts'
import { createPulse, type Pulse } from './pulse.ts'
import type { ReadConfig } from './read-config.ts'
import { filePath } from './read-secret-file.ts'
import { serveDirectory } from './serve-directory.ts'
import { startRounds } from './rounds.ts'
import { readSeed } from './seed-file.ts'
import { seedHouse } from './seed-house.ts'
import { stopInOrder } from './stop-in-order.ts'
import { hostCheck, peerCheck } from './who-may-connect.ts'

/** Connected agents are told to go within this time, ms. */
const spread = 3_000
/** Then for the calls that are under way, and for connections that do not end by themselves, ms. */
const farewell = 5_000
/** Of nodes that know of the same end, ms. */
const jitter = 250

export interface StartServiceOptions {
  readonly read: ReadConfig
  readonly keys: ServiceKeys
  /** Who calls; by the keys of the workstations when left out. */
  readonly authenticate?: Authenticate
  /** What else is served, with an authentication of its own. */
  readonly mounts?: (services: Services, authority: Authority) => readonly Mount[]
  readonly environment?: NodeJS.ProcessEnv
  /** Gives up waiting for the database. */
  readonly signal?: AbortSignal
}

export interface RunningService {
  /** As agents and applications know it. */
  readonly url: string
  readonly server: Pick<AuthorityServer, 'changeCertificate'>
  readonly applications: Pick<FollowedApplications, 'configure'>
  readonly housePolicy: Pick<HousePolicy, 'change'>
  /** For the metrics: the certificate in use ends then, ms. */
  certificateEnds(at: number): void
  /** Not ready, sockets closed, calls finished, log signed, connections closed; false: not all of it. */
  stop(): Promise<boolean>
}

/**
 * One node of a hospital's authority, from its configuration to its port. Waits for a database that
 * is away; rejects with `ConfigError`, `StoreError` or `AuditError`.
 */
export async function startService(options: StartServiceOptions): Promise<RunningService> {
  const { read, environment = process.env } = options
  const { config } = read
  const certificate = config.tls
    ? await readCertificate(config.tls, { folder: read.folder, environment })
    : null
  const metrics = createMetrics()
  const state: State = { phase: 'starting', certificateEnds: certificate?.endsAt ?? null }
  let pulse: Pulse | null = null
  const trouble = () => (state.phase === 'serving' ? (pulse?.trouble() ?? null) : state.phase)
  const server = await listen({
    ...config.listen,
    ...(certificate ? { certificate } : {}),
    hostAllowed: hostCheck(config),
    peerAllowed: peerCheck(config),
    limits: { connections: config.load.connections },
    // Whoever connects would wait for an answer that cannot come.
    agentsAllowed: () => !(pulse?.lost() ?? false),
    onTooMany: () => metrics.shed('connections'),
    probe: createHealth({ notReady: trouble }),
  })
  /** What is open beside the server, in the order of its opening. */
  const opened: (() => Promise<unknown>)[] = []
  try {
    if (config.metrics) {
      const scraped = await serveMetrics({ listen: config.metrics.listen, metrics })
      opened.push(() => scraped.close())
    }
    let wake = () => {}
    let pools: PoolsLook | null = null
    const live = createLivePolicy(read.policy)
    const node = await openNode({
      ...options,
      policy: live.policy,
      patient: true,
      onRetry: () => metrics.retried(),
      onPools: (look) => void (pools = look),
      onForward: () => wake(),
    })
    opened.push(() => node.close())
    const serving = await serve({ ...options, node, server, metrics, live, opened })
    wake = serving.wake
    pulse = serving.pulse
    state.phase = 'serving'
    metrics.watch(() => ({
      ready: trouble() === null,
      sockets: server.sockets,
      arriving: server.waiting,
      certificateEnds: state.certificateEnds,
      ...serving.readings(),
      connections: Object.entries(pools?.() ?? {}).map(([pool, use]) => ({ pool, ...use })),
    }))
    let stopping: Promise<boolean> | null = null
    return {
      url: config.url,
      server,
      applications: serving.applications,
      housePolicy: serving.housePolicy,
      certificateEnds: (at) => void (state.certificateEnds = at),
      stop() {
        state.phase = 'stopping'
        stopping ??= stopInOrder({
          notice: config.stop.notice,
          drain: { work: () => server.dispose({ spread }), within: spread + farewell },
          steps: [...serving.stop, ...opened.toReversed()],
        })
        return stopping
      },
    }
  } catch (error) {
    for (const step of [...opened.toReversed(), () => server.dispose()])
      await step().catch(() => {})
    throw error
  }
}

type PoolsLook = Parameters<NonNullable<OpenPostgresOptions['onPools']>>[0]

interface State {
  phase: 'starting' | 'serving' | 'stopping'
  certificateEnds: number | null
}

interface ServeOptions extends StartServiceOptions {
  readonly node: OpenNode
  readonly server: AuthorityServer
  readonly metrics: Metrics
  readonly live: ReturnType<typeof createLivePolicy>
  readonly opened: (() => Promise<unknown>)[]
}

/** Everything between the open database and the port. */
async function serve({
  read,
  environment = process.env,
  keys,
  authenticate,
  mounts,
  node,
  server,
  metrics,
  live,
  opened,
}: ServeOptions) {
  const { clock, session } = node
  const context = { ...node.context, db: keepDeadlines(node.context.db) }
  const { config } = read
  /** Each kind has its own, so that none of them keeps the others out. */
  const newBound = () =>
    createBound({
      limit: config.load.requests,
      answerWithin: config.load.requestWithin,
      onShed: (reason) => metrics.shed(reason),
    })
  const oauth = createLiveOauth(createOauth, config.applications)
  let given: HousePolicy['given'] = read.given
  const authority = await createAuthority({
    ...context,
    agentPolicy: () => given,
    bundleKey: new Uint8Array(Buffer.from(keys.bundle, 'hex')),
    createOauth: oauth.create,
    applications: oauth.applications,
    idTokenKey: node.idTokenKey,
    cookieKey: node.cookieKey,
    seed: null,
    embeddedIn: null,
    clockJump() {
      const by = clock.jump()
      if (by !== null) metrics.clockJumped()
      return by
    },
    reserveState: () => 'held',
    bounds: { machines: newBound(), oauth: newBound() },
  })
  const feed = await startEventFeed({
    db: context.db,
    session,
    hub: authority.events,
    onPassed: (writtenAt) => metrics.eventSent(Math.max(0, context.now() - writtenAt)),
  })
  opened.push(() => feed.dispose())
  const timers = createTimers({ now: context.now, tick: () => authority.tick(), jitter })
  authority.onDue((at) => timers.due(at))
  opened.push(() => timers.dispose())
  const services: Services = {
    ...context,
    record: createRecorder(context.audit),
    unit: createUnits({
      ...context,
      events: authority.events,
      onDue: (at) => timers.due(at),
    }),
  }
  const housePolicy = createHousePolicy({
    ...services,
    onChange(policy, next) {
      given = next
      live.change(policy)
      log('info', 'policy-applied')
    },
  })
  if ((await housePolicy.begin(read.given)) === 'stale')
    log('warn', 'policy-file-stale', {
      advice: 'Another node has a newer policy; change this file, then reload.',
    })
  if (config.seed !== undefined) {
    const path = filePath('seed', config.seed, { folder: read.folder, environment })
    const summary = await seedHouse(services, await readSeed(path))
    log('info', 'seeded', { people: summary.people.added })
  }
  const applications = followApplications({
    db: context.db,
    oauth,
    configured: config.applications,
  })
  await applications.refresh()
  const rounds = startRounds({
    look: () => Promise.all([authority.machines.look(), authority.markOverdue()]),
  })
  const scim = config.directory ? [serveDirectory(services, config.directory, newBound())] : []
  const guard = createCallGuard({
    limit: config.load.calls,
    answerWithin: config.load.answerWithin,
    meter: metrics,
  })
  server.serve({
    authority: { ...authority, handlers: guard.handlers(meterTaps(authority.handlers, metrics)) },
    authenticate: guard.authenticate(authenticate ?? authority.machines.authenticate),
    mounts: [...scim, ...(mounts?.(services, authority) ?? [])],
  })
  const pulse = createPulse({
    watch: node.watch,
    looks: [() => housePolicy.refresh(), () => applications.refresh()],
    // At another node, or alone, people can sign in; here nobody can.
    onLost() {
      if (server.sockets > 0) log('warn', 'agents-sent-away', { agents: server.sockets })
      server.sendAway({ reason: 'no database', spread })
    },
  })
  pulse.start({ time: node.time, now: context.now })
  return {
    applications,
    housePolicy,
    pulse,
    wake: () => timers.due(0),
    readings: () => ({
      underWay: guard.underWay,
      ...pulse.readings(),
    }),
    stop: [() => rounds.stop(), () => Promise.resolve(pulse.stop()), () => authority.dispose()],
  }
}
