import { randomBytes } from 'node:crypto'
import type { AuditEventName } from '../audit/events.ts'
import { createAuthority } from '../authority/authority.ts'
import { createClock } from '../authority/clock.ts'
import { type Caller, CallFailure } from '../authority/context.ts'
import {
  type AuthorityClient,
  AuthorityError,
  type AuthorityEvent,
  offlineChallenge,
  type Response,
} from '../authority/protocol/index.ts'
import { dispatch } from '../authority/server/dispatch.ts'
import { createTimers, type Timers } from '../authority/server/timers.ts'
import type { Policy } from '../policy/settings.ts'
import { guardReserve, type ReserveState } from '../store/guard-reserve.ts'
import { openMemoryDatabase } from '../store/memory-database.ts'
import { admitByBundle } from './admission.ts'
import { availableOffline } from './available.ts'
import type { HeldBundle } from './bundle-keeper.ts'
import { forgetRows } from './changed-rows.ts'
import type { Journal } from './journal.ts'
import { journaledDatabase } from './journaled-database.ts'
import { replayJournal } from './replay.ts'
import { type KnownSession, seedPeople, seedSessions } from './seed.ts'
import { createShownProofs } from './shown-proof.ts'

export interface OfflineAuthorityOptions {
  readonly held: HeldBundle
  /** Whole; what it holds already counts. */
  readonly journal: Journal
  /** Of this machine; what the bundle says goes over it. */
  readonly policy: Policy
  /** Live at this seat when the authority was last heard of. */
  readonly sessions: readonly KnownSession[]
  readonly time: { readonly wall: () => number; readonly monotonic: () => number }
  /** Newest time that is known from elsewhere, ms: time never starts before it. */
  readonly newest: number
}

/** The same authority, on this workstation and for it alone, as far as its bundle goes. */
export interface OfflineAuthority extends Pick<AuthorityClient, 'call' | 'onEvent'> {
  hello(): Promise<Response<'agent.hello'>>
  now(): number
  /** Takes nothing more and lets what is under way finish; then the journal holds everything. */
  pause(): Promise<void>
  /** Goes on after `pause`. */
  resume(): Promise<void>
  /** Ends it as it stands. */
  dispose(): Promise<void>
}

const renamed: Partial<Record<AuditEventName, AuditEventName>> = {
  'authority.started': 'offline.began',
  'authority.stopped': 'offline.ended',
}

/**
 * Starts it. Rejects with `StoreError` when the journal takes nothing, because then nothing that
 * happens could be told later.
 */
export async function createOfflineAuthority(
  options: OfflineAuthorityOptions,
): Promise<OfflineAuthority> {
  const { held, journal, sessions } = options
  const { bundle } = held
  const { workstation } = bundle
  const policy: Policy = {
    ...options.policy,
    ...bundle.policy,
    'emergency.witnessed': Math.min(bundle.policy['emergency.witnessed'], bundle.emergency.life),
  }
  let wake = () => {}
  const clock = createClock({
    ...options.time,
    newestRecord: Math.max(options.newest, bundle.issuedAt, journal.newest),
    onForward: () => wake(),
  })
  const proofs = createShownProofs()
  const memory = await openMemoryDatabase()
  const journaled = journaledDatabase({
    memory,
    journal,
    bundleId: bundle.bundleId,
    now: clock.now,
    proof: (tx) => proofs.current(tx),
    rename: renamed,
  })
  await memory.write(async (tx) => {
    await seedPeople(tx, bundle)
    await replayJournal(tx, journal.entries, { workstation, policy })
  })
  forgetRows(memory)

  let reserve: ReserveState = (await journal.reserve.hold()) ? 'held' : 'open'
  const db = guardReserve({
    db: journaled.db,
    reserve: journal.reserve,
    state: reserve,
    onChange: (state) => {
      reserve = state
      wake()
    },
  })
  const authority = await createAuthority({
    db,
    audit: journaled.audit,
    policy,
    now: clock.now,
    randomId: () => randomBytes(16).toString('base64url'),
    rpId: bundle.rpId,
    origin: bundle.origin,
    issuer: 'https://offline.invalid',
    badgeKey: { version: 0, key: held.deviceKey },
    newChallenge: () => offlineChallenge(bundle.bundleId),
    createOauth: () =>
      Promise.resolve({
        handlers: {
          'launch.create': () => Promise.reject(new CallFailure('conflict', 'Not while offline.')),
        },
        requestListener: () => false,
        sessionEnded: () => Promise.resolve(),
        dispose: () => {},
      }),
    applications: [],
    idTokenKey: new Uint8Array(),
    cookieKey: new Uint8Array(),
    seed: null,
    embeddedIn: workstation.id,
    clockJump: () => clock.jump(),
    reserveState: () => reserve,
  })
  // After its start, which ends what an earlier run of this workstation left open.
  await memory.write((tx) => seedSessions(tx, sessions, { bundle, workstation, policy }))
  forgetRows(memory)

  const since = clock.now()
  const caller: Caller = { workstation }
  const handlers = admitByBundle({
    handlers: authority.handlers,
    bundle,
    db,
    now: clock.now,
    record: (input, use) =>
      db.write(
        (tx) =>
          journaled.audit.append(tx, {
            ...input,
            workstation: workstation.id,
            session: null,
            patient: null,
            assurance: null,
            purposeOfUse: null,
          }),
        use,
      ),
  })
  const recordTurn = (event: 'offline.began' | 'offline.ended') =>
    db.write(
      (tx) =>
        journaled.audit.append(tx, {
          event,
          outcome: 0,
          actor: null,
          workstation: workstation.id,
          session: null,
          patient: null,
          assurance: null,
          purposeOfUse: null,
          detail: { bundle: bundle.bundleId },
        }),
      { reserve: 'take' },
    )

  const listeners = new Set<(event: AuthorityEvent) => void>()
  const underWay = new Set<Promise<unknown>>()
  let timers: Timers | null = null
  const start = () => {
    if (timers) return
    const running = createTimers({ now: clock.now, tick: () => authority.tick() })
    timers = running
    authority.onDue((at) => running.due(at))
    wake = () => running.due(0)
  }
  const stop = async () => {
    wake = () => {}
    authority.onDue(() => {})
    await timers?.dispose()
    timers = null
  }
  const unsubscribe = authority.events.subscribe(workstation.id, (event) => {
    for (const listener of listeners) listener(event)
  })
  const beat = setInterval(() => void journal.touch(clock.now()).catch(() => {}), touchEvery)
  beat.unref()
  start()

  /** A session that only the authority can know waits for it, like everything else it must hear. */
  async function isKnown(params: unknown): Promise<boolean> {
    const { sessionId } = params as { readonly sessionId?: unknown }
    if (typeof sessionId !== 'string') return true
    const found = await db.read
      .selectFrom('sessions')
      .select('session_id')
      .where('session_id', '=', sessionId)
      .executeTakeFirst()
    return found !== undefined
  }

  async function carryOut(call: Parameters<AuthorityClient['call']>[0], params: unknown) {
    if (!availableOffline.has(call) || !(await isKnown(params)))
      throw new AuthorityError('unreachable', `${call} needs the authority.`)
    const answer = await proofs.during(params, () => dispatch(handlers, call, params, caller))
    if (!answer.ok) throw new AuthorityError(answer.error.code, answer.error.message)
    return answer.value
  }

  const offline: OfflineAuthority = {
    now: clock.now,
    async call(call, params) {
      const done = carryOut(call, params)
      underWay.add(done)
      try {
        return (await done) as Response<typeof call>
      } finally {
        underWay.delete(done)
      }
    },
    async hello() {
      const said = await offline.call('agent.hello', { protocol: 1, afterSeq: 0 })
      const witnesses = new Map(sessions.map(({ view }) => [view.sessionId, view.witness]))
      const isOver = clock.now() >= bundle.expiresAt
      return {
        ...said,
        // The name of a witness is all that is known of them here.
        sessions: said.sessions.map((view) => ({
          ...view,
          witness: view.witness ?? witnesses.get(view.sessionId) ?? null,
        })),
        applications: bundle.applications,
        offline: { since, until: bundle.expiresAt, people: isOver ? 0 : bundle.people.length },
      }
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async pause() {
      await Promise.allSettled(underWay)
      await stop()
      // A journal that takes no more still holds what it took.
      await recordTurn('offline.ended').catch(() => {})
    },
    async resume() {
      if (timers) return
      start()
      await recordTurn('offline.began').catch(() => {})
    },
    async dispose() {
      clearInterval(beat)
      unsubscribe()
      listeners.clear()
      await Promise.allSettled(underWay)
      await stop()
      await memory.close()
    },
  }
  return offline
}

/** How often the time is written down, so that no restart goes back behind it, ms. */
const touchEvery = 5 * 60_000
