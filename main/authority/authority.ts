import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReserveState } from '../store/index.ts'
import type { AuthorityContext, Handlers, LiveSession } from './context.ts'
import { createFallback } from './emergency/fallback.ts'
import { createOverride } from './emergency/override.ts'
import { createReview } from './emergency/review.ts'
import { describeError } from '../describe-error.ts'
import { log } from './log.ts'
import { createEventHub, type EventHub } from './events/index.ts'
import { createAgentCalls } from './identities/agent.ts'
import { createBadgeEnrolment } from './identities/badge-enrolment.ts'
import { createIdentify } from './identities/identify.ts'
import { createOwnBadges } from './identities/own-badges.ts'
import { createReaderTests } from './identities/reader-tests.ts'
import { loadSeed } from './identities/seed.ts'
import { createMachines, type Machines } from './machines/index.ts'
import { createNotices } from './notices/answer-notice.ts'
import { bundleSigner } from './offline/bundle-key.ts'
import { createOffline } from './offline/index.ts'
import type { CreateOauth } from './oauth/port.ts'
import { createEnrolment } from './passkeys/enrolment.ts'
import { createPasskeys } from './passkeys/passkeys.ts'
import { createProofs } from './passkeys/proof.ts'
import type { Application, Seed } from './protocol/index.ts'
import type { Bound } from './server/bound.ts'
import { createRoaming } from './roaming/index.ts'
import { createRecorder } from './record.ts'
import { takeReserve } from './reserve.ts'
import type { Services } from './services.ts'
import { createEndSession } from './sessions/ending.ts'
import { createExpiry } from './sessions/expiry.ts'
import { isLive, liveSessionOf } from './sessions/session-views.ts'
import { letSignOutWin, type SignOutWins } from './sessions/sign-out-wins.ts'
import { createSessions } from './sessions/sessions.ts'
import { createUnits } from './unit-of-work.ts'

/** How often finished ceremonies and taps are forgotten, ms. */
const purgeEvery = 3_600_000

export interface AuthorityOptions extends Omit<AuthorityContext, 'bundleSeed'> {
  /** Ed25519 seed that signs what workstations need while nobody answers; null: they get nothing. */
  readonly bundleKey?: Uint8Array | null
  readonly createOauth: CreateOauth
  readonly applications: readonly Application[]
  readonly idTokenKey: Uint8Array
  readonly cookieKey: Uint8Array
  readonly seed: Seed | null
  /** The embedded authority's own workstation, whose sessions did not survive the restart. */
  readonly embeddedIn: string | null
  /** A jump of the wall clock to be recorded, in ms (clock.ts). */
  readonly clockJump: () => number | null
  /** Whether the store still holds its space for emergency access. */
  readonly reserveState: () => ReserveState
  /** Of what is no agent call; an embedded authority needs none. */
  readonly bounds?: { readonly machines: Pick<Bound, 'run'>; readonly oauth: Pick<Bound, 'run'> }
}

export interface Authority {
  readonly handlers: Handlers
  readonly events: EventHub
  /** Workstations that prove themselves with a key; an embedded authority has none. */
  readonly machines: Pick<Machines, 'authenticate' | 'register' | 'look'>
  /** What is no agent call: OpenID provider, enrolment of machines; false when a request is for neither. */
  readonly requestListener: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Ends what has run out, records clock jumps and the reserve; returns when to come back at the latest, or null. */
  tick(): Promise<number | null>
  /** Marks seats that were left and did not answer in time; on every node each second. */
  markOverdue(): Promise<void>
  /** Called when something new will end at a time (ms) that `tick` must not miss. */
  onDue(listener: (at: number) => void): void
  dispose(): Promise<void>
}

/** Wires the services of the authority on one database; knows no port, no socket and no timer. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const { db, policy, now, applications, embeddedIn, clockJump, reserveState } = options
  const events = createEventHub(options)
  let dueListener: (at: number) => void = () => {}
  const { bundleKey: bundleSeed = null, ...context } = options
  let signOut: SignOutWins | null = null
  const isOver = (sessionId: string): boolean => signOut?.isOver(sessionId) === true
  const services: Services = {
    ...context,
    isOver,
    bundleSeed,
    record: createRecorder(options.audit),
    unit: createUnits({ db, now, events, onDue: (at) => dueListener(at) }),
  }

  async function live(sessionId: string): Promise<LiveSession | null> {
    const row = await db.read
      .selectFrom('sessions')
      .selectAll()
      .where('session_id', '=', sessionId)
      .executeTakeFirst()
    const at = now()
    if (!row || !isLive(row, policy, at) || isOver(sessionId)) return null
    return liveSessionOf(db.read, row, at)
  }

  const oauth = await options.createOauth(options, {
    applications,
    idTokenKey: options.idTokenKey,
    cookieKey: options.cookieKey,
    live,
    report: (error) => log('error', 'oauth-failed', describeError(error)),
    ...(options.bounds ? { bound: options.bounds.oauth } : {}),
  })
  const endSession = createEndSession({
    record: services.record,
    sessionEnded: (tx, sessionId) => oauth.sessionEnded(tx, sessionId),
  })
  const proofs = createProofs(services)
  const expiry = createExpiry({ ...services, endSession })
  const machines = createMachines({
    ...services,
    endSession,
    bundleKey: bundleSeed === null ? null : bundleSigner(bundleSeed).publicKey,
    ...(options.bounds ? { bound: options.bounds.machines } : {}),
  })
  const handlers: Handlers = {
    ...createAgentCalls({ ...services, applications, events }),
    ...createIdentify({ ...services, proofs }),
    ...createSessions({ ...services, proofs, endSession }),
    ...createEnrolment(services),
    ...createPasskeys(services),
    ...createBadgeEnrolment({ ...services, proofs }),
    ...createOwnBadges({ ...services, proofs }),
    ...createNotices(services),
    ...createReaderTests(services),
    ...createFallback({ ...services, proofs, endSession }),
    ...createOverride({ ...services, proofs }),
    ...createReview(services),
    ...createRoaming({ ...services, endSession }),
    ...machines.handlers,
    ...createOffline({ ...services, applications, endSession }),
    ...oauth.handlers,
  }
  const wins = letSignOutWin(handlers, { now, onDue: (at) => dueListener(at) })
  signOut = wins

  let knownReserve: ReserveState = 'held'
  async function recordReserve(): Promise<void> {
    const state = reserveState()
    if (state === knownReserve) return
    const event = state === 'open' ? 'store.reserve-opened' : 'store.reserve-held'
    const outcome = state === 'open' ? 8 : 0
    await services.unit(
      ({ tx }) => services.record(tx, event, { outcome, workstation: embeddedIn }),
      takeReserve,
    )
    knownReserve = state
  }

  await services.unit(
    ({ tx }) => services.record(tx, 'authority.started', { workstation: embeddedIn }),
    takeReserve,
  )
  await recordReserve()
  if (embeddedIn !== null) await expiry.endAllOf(embeddedIn, 'agent-restart')
  if (options.seed) await loadSeed(services, options.seed)
  let purgedAt = now()
  await expiry.purge()

  return {
    handlers: machines.guard(wins.handlers),
    machines,
    events,
    requestListener: (request, response) =>
      (embeddedIn === null && machines.requestListener(request, response)) ||
      oauth.requestListener(request, response),
    onDue(listener) {
      dueListener = listener
    },
    markOverdue: () => expiry.markOverdue(),
    async tick() {
      const by = clockJump()
      if (by !== null)
        await services.unit(
          ({ tx }) =>
            services.record(tx, 'clock.jumped', {
              outcome: 4,
              workstation: embeddedIn,
              detail: { by, source: 'authority' },
            }),
          takeReserve,
        )
      await recordReserve()
      if (now() - purgedAt >= purgeEvery) {
        purgedAt = now()
        await expiry.purge()
        await machines.purge()
      }
      await wins.finish()
      return expiry.run()
    },
    async dispose() {
      oauth.dispose()
      await services.unit(
        ({ tx }) => services.record(tx, 'authority.stopped', { workstation: embeddedIn }),
        takeReserve,
      )
      await machines.dispose()
    },
  }
}
