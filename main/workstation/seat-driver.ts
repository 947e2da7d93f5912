import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { Envelope } from '../../preload/contract.ts'
import type { Screen } from '../../preload/shown/screen.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { AuthorityClient } from '../authority/protocol/authority-client.ts'
import type { Request } from '../authority/protocol/procedures.ts'
import type { SessionId } from '../authority/protocol/views.ts'
import type { ReaderCommand, ReaderMessage } from '../badge/reader-messages.ts'
import type { Policy } from '../policy/settings.ts'
import type { ShellCall } from './bridge.ts'
import { realTimers } from './child-process.ts'
import type { Timers } from './child-process.ts'
import type { SeatClock } from './clock.ts'
import { arrangementOf } from './layout.ts'
import { createHeldBadges } from './held-badges.ts'
import type { HeldBadge } from './held-badges.ts'
import type { Observe } from './observation.ts'
import { createOutbox } from './outbox.ts'
import { nextDeadline } from './seat/deadline.ts'
import type { Effect } from './seat/effects.ts'
import type { SeatEvent } from './seat/events.ts'
import { heldTaps } from './seat/held-taps.ts'
import { initialSeat } from './seat/initial.ts'
import { sessionOf } from './seat/sessions.ts'
import { snapshotOf } from './seat/snapshot.ts'
import { step } from './seat/step.ts'
import type { SeatState } from './seat/types.ts'
import { visible } from './seat/visible.ts'
import { createTapTracker } from './tap-tracker.ts'
import type { Workspace } from './workspace.ts'
import { describeError } from '../describe-error.ts'

/** The wall clock is looked at this often, however quiet the seat is. */
const longestSleep = 60_000

export interface SeatDriverOptions {
  readonly policy: Policy
  readonly clock: SeatClock
  readonly workspace: Pick<Workspace, 'show' | 'open' | 'relaunch' | 'close'>
  readonly reader: { send(command: ReaderCommand): void }
  readonly push: (snapshot: Snapshot) => void
  readonly observe: Observe
  readonly timers?: Timers
}

interface Queued {
  readonly event: SeatEvent
  readonly settle?: (answer: Envelope) => void
  /** The badge that the event is about, under its id. */
  readonly held?: readonly [id: string, badge: HeldBadge]
}

/**
 * Runs the machine of one seat: one event at a time, its screen applied before anything else, then
 * the snapshot, then the effects. Nothing is awaited between an event and what hides content.
 */
export const createSeatDriver = (options: SeatDriverOptions) => {
  const { policy, clock, workspace, reader, push, observe, timers = realTimers } = options
  const runKey = randomBytes(32)
  const queue: Queued[] = []
  const badges = createHeldBadges()
  const outbox = createOutbox({
    report: (call, code) => console.error(`seat: ${call} was not taken (${code})`),
    timers,
  })
  let state: SeatState = initialSeat(policy, clock.now())
  let client: Pick<AuthorityClient, 'call'> | null = null
  let running = false
  let disposed = false
  let timer: unknown = null
  let version = 0
  let shellReady = false
  let lastSnapshot: Snapshot | null = null
  let lastContent = ''
  let shown: ReturnType<typeof visible> = null

  const taps = createTapTracker((timing, detail) => {
    observe({ type: 'tap', at: clock.monotonic(), tap: timing })
    // Never on the way of the tap that comes next.
    queueMicrotask(() =>
      perform({
        type: 'tell',
        call: 'workstation.report',
        params: { event: 'tap-timed', detail },
      }),
    )
  })

  /** Hides and shows views so that they agree with the state; the first thing after every step. */
  const applyVisible = (): void => {
    const front = visible(state)
    const session = front === null ? undefined : sessionOf(state, front)
    workspace.show(front, session === undefined ? null : arrangementOf(state, session))
    if (front === shown) return
    shown = front
    observe({
      type: 'workspace',
      at: clock.monotonic(),
      sessionId: front,
      slot: session?.slot ?? null,
    })
  }

  const publish = (): Screen['name'] | null => {
    const now = clock.now()
    const content = snapshotOf(state, policy, now, clock.skew)
    const text = JSON.stringify({ ...content, now: 0 })
    if (text === lastContent) return null
    lastContent = text
    version += 1
    lastSnapshot = { ...content, version }
    if (shellReady) push(lastSnapshot)
    const { name } = content.screen
    observe({ type: 'screen', at: clock.monotonic(), version, screen: name })
    return name
  }

  const schedule = (): void => {
    timers.clearTimeout(timer)
    if (disposed) return
    const deadline = nextDeadline(state, policy)
    const wait = deadline === null ? longestSleep : Math.max(0, deadline - clock.now())
    // The timer must not fire in the millisecond before the deadline.
    timer = timers.setTimeout(
      () => dispatch({ type: 'tick' }),
      Math.min(longestSleep, Math.ceil(wait) + 1),
    )
  }

  const runOne = ({ event, held }: Queued): Envelope => {
    if (held !== undefined) badges.put(...held)
    const before = state
    const startedAt = clock.monotonic()
    const result = step(state, event, policy, clock.now())
    state = result.state
    const decidedAt = clock.monotonic()
    applyVisible()
    publish()
    taps.follow({
      event,
      before,
      after: state,
      version,
      decided: decidedAt - startedAt,
      shown: visible(state),
      now: clock.monotonic(),
    })
    for (const effect of result.effects) perform(effect)
    badges.keepOnly(heldTaps(state))
    return result.refusal === null ? { ok: true } : { ok: false, code: result.refusal }
  }

  const drain = (): void => {
    if (running) return
    running = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const jumped = clock.look()
        const answer = runOne(next)
        next.settle?.(answer)
        if (jumped !== 0) perform(clockJumped(jumped))
      }
    } finally {
      running = false
      schedule()
    }
  }

  const enqueue = (next: Queued): void => {
    if (disposed) return
    queue.push(next)
    drain()
  }
  const dispatch = (event: SeatEvent): void => enqueue({ event })

  const ask = (effect: Extract<Effect, { type: 'ask' | 'ask-badge' | 'identify' }>): void => {
    const { request } = effect
    const call = effect.type === 'identify' ? 'tap.identify' : effect.call
    const fail = (error: unknown) => {
      const code = error instanceof AuthorityError ? error.code : 'internal'
      if (code === 'internal') console.error(`seat: ${call} failed:`, describeError(error))
      dispatch({ type: 'failure', request, call, code })
    }
    const params = paramsOf(effect)
    // Answered in its own turn, like every other answer.
    const failLater = (code: AuthorityError['code'], message: string) =>
      queueMicrotask(() => fail(new AuthorityError(code, message)))
    if (params === null) return failLater('not-found', 'The badge is not held any more.')
    if (client === null) return failLater('unreachable', 'No authority yet.')
    client
      .call(call, params as never)
      .then((value) => dispatch({ type: 'answer', request, call, value } as SeatEvent), fail)
  }

  const paramsOf = (effect: Extract<Effect, { type: 'ask' | 'ask-badge' | 'identify' }>) => {
    if (effect.type === 'ask') return effect.params
    return effect.type === 'identify' ? badges.identifyParams(effect) : badges.params(effect)
  }

  const report = (
    event: Request<'workstation.report'>['event'],
    detail: Request<'workstation.report'>['detail'],
  ): void => perform({ type: 'tell', call: 'workstation.report', params: { event, detail } })

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'ask':
      case 'ask-badge':
      case 'identify':
        return ask(effect)
      case 'tell':
        return void outbox.send(client, effect)
      case 'open-workspace':
        return void workspace.open(effect.sessionId, effect.slot, effect.applications)
      case 'relaunch':
        return void workspace.relaunch(effect.sessionId, effect.application)
      case 'close-workspace':
        return void workspace.close(effect.sessionId, effect.slot)
      case 'feedback':
        return reader.send({ type: 'feedback', reader: effect.reader, signal: effect.signal })
      case 'inspect':
        return reader.send({ type: 'inspect', on: effect.on, reveal: effect.reveal })
      case 'resync':
        return reader.send({ type: 'resync' })
    }
  }

  return {
    dispatch,

    /** A tap as the reader process reported it. */
    tap({
      reader: path,
      badge,
      refusedAtEnrolment,
      at,
    }: Extract<ReaderMessage, { type: 'tap' }>): void {
      const tapId = randomUUID()
      const fingerprint = createHmac('sha256', runKey).update(badge).digest('base64url')
      taps.begin({ tapId, reader: path, at }, clock.monotonic())
      enqueue({
        event: { type: 'tap', tapId, reader: path, badge: fingerprint },
        held: [tapId, { badge, refusedAtEnrolment }],
      })
    },

    /** What a reader saw while the test page is open. */
    inspection({ inspection, badge }: Extract<ReaderMessage, { type: 'inspection' }>): void {
      if (badge === null) return dispatch({ type: 'inspection', held: null, inspection })
      const held = randomUUID()
      enqueue({
        event: { type: 'inspection', held, inspection },
        held: [held, { badge, refusedAtEnrolment: null }],
      })
    },

    /** Readings of a reader fail more often than before (R21). */
    quality({ reader: path, failures, readings }: Extract<ReaderMessage, { type: 'quality' }>) {
      report('reader-failing', { reader: path, failures, readings })
    },

    /** A call of the shell; the answer is only whether it was taken. */
    call(call: ShellCall): Envelope {
      switch (call.name) {
        case 'shell.ping':
          return { ok: true }
        case 'shell.ready':
          shellReady = true
          if (lastSnapshot !== null) push({ ...lastSnapshot, now: clock.now() + clock.skew })
          return { ok: true }
        case 'shell.painted': {
          const at = clock.monotonic()
          observe({ type: 'painted', at, version: call.input.version })
          taps.painted(call.input.version, at)
          return { ok: true }
        }
        default: {
          let answer: Envelope = { ok: true }
          enqueue({
            event: call,
            settle: (settled) => {
              answer = settled
            },
          })
          return answer
        }
      }
    },

    /** The shell's page is gone or loads anew: nothing is pushed to it until it is ready again. */
    shellLost(): void {
      shellReady = false
    },

    /** What only the workstation can see, for the record. */
    report,

    /** A one-time launch handle for a view. Rejects with an `AuthorityError`. */
    async launch(sessionId: SessionId, application: string): Promise<string> {
      if (client === null) throw new AuthorityError('unreachable', 'No authority yet.')
      const { url } = await client.call('launch.create', { sessionId, application })
      return url
    },

    /** Where questions go from now on; events and connection changes come in by `dispatch`. */
    connect(next: Pick<AuthorityClient, 'call'> | null): void {
      client = next
    },

    /** Connected: what is over is covered at once; then what waited is told; then taps count again. */
    async online(hello: Extract<SeatEvent, { type: 'authority.online' }>['hello']): Promise<void> {
      dispatch({ type: 'authority.hello', hello })
      if (client !== null) await outbox.flush(client)
      dispatch({ type: 'authority.online', hello })
    },

    /** The window changed its size. */
    relayout: applyVisible,

    get state(): SeatState {
      return state
    },

    start(): void {
      publish()
      schedule()
    },

    dispose(): void {
      disposed = true
      timers.clearTimeout(timer)
      outbox.dispose()
      taps.dispose()
    },
  }
}

const clockJumped = (ms: number): Effect => ({
  type: 'tell',
  call: 'workstation.report',
  params: { event: 'clock-jumped', detail: { ms } },
})

export type SeatDriver = ReturnType<typeof createSeatDriver>
