import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { Envelope, Screen, Snapshot } from '../../preload/contract.ts'
import { AuthorityError } from '../authority/protocol/procedures.ts'
import type { AuthorityClient, Request } from '../authority/protocol/procedures.ts'
import type { SessionId } from '../authority/protocol/views.ts'
import type { ReaderCommand, ReaderMessage } from '../badge/reader-messages.ts'
import type { Policy } from '../policy/settings.ts'
import type { ShellCall } from './bridge.ts'
import { realTimers } from './child-process.ts'
import type { Timers } from './child-process.ts'
import type { SeatClock } from './clock.ts'
import { arrangementOf } from './layout.ts'
import type { Observe } from './observation.ts'
import { createOutbox } from './outbox.ts'
import { nextDeadline } from './seat/deadline.ts'
import type { Effect } from './seat/effects.ts'
import type { SeatEvent } from './seat/events.ts'
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

/**
 * Runs the machine of one seat: one event at a time, its screen applied before anything else, then
 * the snapshot, then the effects. Nothing is awaited between an event and what hides content.
 */
export const createSeatDriver = (options: SeatDriverOptions) => {
  const { policy, clock, workspace, reader, push, observe, timers = realTimers } = options
  const runKey = randomBytes(32)
  const queue: { readonly event: SeatEvent; readonly settle?: (answer: Envelope) => void }[] = []
  /** Badges of taps that are not resolved yet; nowhere else do they exist. */
  const badges = new Map<string, string>()
  const outbox = createOutbox((call, code) => {
    console.error(`seat: ${call} was not taken (${code})`)
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

  const runOne = (event: SeatEvent): Envelope => {
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
    return result.refusal === null ? { ok: true } : { ok: false, code: result.refusal }
  }

  const drain = (): void => {
    if (running) return
    running = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const jumped = clock.look()
        const answer = runOne(next.event)
        next.settle?.(answer)
        if (jumped !== 0) perform(clockJumped(jumped))
      }
    } finally {
      running = false
      schedule()
    }
  }

  const dispatch = (event: SeatEvent, settle?: (answer: Envelope) => void): void => {
    if (disposed) return
    queue.push(settle === undefined ? { event } : { event, settle })
    drain()
  }

  const ask = (effect: Extract<Effect, { type: 'ask' | 'identify' }>): void => {
    const { request } = effect
    const call = effect.type === 'identify' ? 'tap.identify' : effect.call
    const fail = (error: unknown) => {
      const code = error instanceof AuthorityError ? error.code : 'internal'
      if (code === 'internal') console.error(`seat: ${call} failed:`, describeError(error))
      dispatch({ type: 'failure', request, call, code })
    }
    const params = effect.type === 'identify' ? identifyParams(effect) : effect.params
    if (client === null) {
      // Answered in its own turn, like every other answer.
      queueMicrotask(() => fail(new AuthorityError('unreachable', 'No authority yet.')))
      return
    }
    client
      .call(call, params as never)
      .then((value) => dispatch({ type: 'answer', request, call, value } as SeatEvent), fail)
  }

  const identifyParams = ({
    tapId,
    reader: path,
    purpose,
  }: Extract<Effect, { type: 'identify' }>) => {
    const badge = badges.get(tapId) ?? ''
    badges.delete(tapId)
    return { tapId, badge, reader: path, purpose }
  }

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'ask':
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
      case 'resync':
        return reader.send({ type: 'resync' })
    }
  }

  return {
    dispatch: (event: SeatEvent): void => dispatch(event),

    /** A tap as the reader process reported it. */
    tap({ reader: path, badge, at }: Extract<ReaderMessage, { type: 'tap' }>): void {
      const tapId = randomUUID()
      badges.set(tapId, badge)
      const fingerprint = createHmac('sha256', runKey).update(badge).digest('base64url')
      taps.begin({ tapId, reader: path, at }, clock.monotonic())
      dispatch({ type: 'tap', tapId, reader: path, badge: fingerprint })
      // Not asked about in this step: it was ignored.
      badges.delete(tapId)
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
          dispatch(call, (settled) => {
            answer = settled
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
    report(
      event: Request<'workstation.report'>['event'],
      detail: Request<'workstation.report'>['detail'],
    ): void {
      perform({ type: 'tell', call: 'workstation.report', params: { event, detail } })
    },

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

    /** Connected: first what waited, then what is so. */
    async online(hello: Extract<SeatEvent, { type: 'authority.online' }>['hello']): Promise<void> {
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
