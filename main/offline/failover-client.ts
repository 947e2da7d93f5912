import {
  type AuthorityClient,
  AuthorityError,
  type AuthorityEvent,
  type Call,
  type Request,
  type Response,
} from '../authority/protocol/index.ts'
import { describeError } from '../describe-error.ts'
import { createBundleTimer } from './bundle-timer.ts'
import type { OfflineAuthority } from './offline-authority.ts'
import { createSeatSessions } from './seat-sessions.ts'
import type { OfflineStation } from './station.ts'

type Hello = Response<'agent.hello'>
type ConnectionListener = Parameters<AuthorityClient['onConnection']>[0]

export interface FailoverClient extends AuthorityClient {
  /** The workstation answers by itself at this moment. */
  readonly alone: boolean
  /** As the service's client. */
  reconnectNow(): void
  /**
   * The authority said that this workstation may not be used: it answers nothing by itself any more,
   * and forgets whom it knew, until the authority takes it back.
   */
  shutOut(): void
}

export interface FailoverOptions {
  readonly service: AuthorityClient & { readonly reconnectNow?: () => void }
  readonly offline: OfflineStation
  /** As the service's client says it in its hello. */
  readonly instance?: string
  /** How long a lost connection may come back before the workstation goes on alone, ms. */
  readonly grace?: number
  /** The same for the first connection: a machine that starts waits for its network. */
  readonly startGrace?: number
  /** After the authority could not take the journal, ms. */
  readonly again?: number
  readonly time?: { readonly wall: () => number; readonly monotonic: () => number }
  /** What went wrong; names no person. */
  readonly onTrouble?: (what: string, detail: Readonly<Record<string, string>>) => void
}

const machineTime = { wall: () => Date.now(), monotonic: () => performance.now() }

/**
 * One authority for the agent, whether or not the house's can be reached. Lost for longer than the
 * grace, the workstation goes on by itself, within its bundle; back again, the journal of that time is
 * taken over first, and then the house says what is so. Calls wait while it changes over.
 */
export function createFailoverClient(options: FailoverOptions): FailoverClient {
  const {
    service,
    offline,
    instance = '',
    grace = 2_000,
    startGrace = 10_000,
    again = 2_000,
    time = machineTime,
    onTrouble = () => {},
  } = options
  const eventListeners = new Set<(event: AuthorityEvent) => void>()
  const connectionListeners = new Set<ConnectionListener>()
  const seat = createSeatSessions()
  let mode: 'starting' | 'online' | 'offline' | 'down' = 'starting'
  /** The service's last hello while its connection stands. */
  let connected: Hello | null = null
  let local: OfflineAuthority | null = null
  let announced: Hello | 'offline' | null = null
  /** Where the house's time was, by this machine's clocks, when it was last heard. */
  let heard: { readonly now: number; readonly monotonic: number; readonly ahead: number } | null =
    null
  let patienceOver = false
  let shut = false
  /** What the service said in its last hello was before it took the journal over. */
  let mustGreet = false
  let disposed = false
  let changing: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let gate = Promise.withResolvers<void>()
  let open = false

  const bundles = createBundleTimer({
    offline,
    call: (call, params) => service.call(call, params),
    now: houseTime,
    onTrouble,
  })

  function houseTime(): number {
    return heard ? heard.now + Math.floor(time.monotonic() - heard.monotonic) : time.wall()
  }
  function listen({ now }: Hello): void {
    heard = { now, monotonic: time.monotonic(), ahead: now - time.wall() }
  }
  function openGate(): void {
    open = true
    gate.resolve()
  }
  function closeGate(): void {
    if (!open) return
    open = false
    gate = Promise.withResolvers()
  }
  function announce(state: Hello | 'offline'): void {
    announced = state
    for (const listener of connectionListeners)
      if (state === 'offline') listener('offline')
      else listener('online', state)
  }
  function tell(event: AuthorityEvent): void {
    seat.event(event)
    for (const listener of eventListeners) listener(event)
  }
  function later(ms: number, work: () => void): void {
    if (timer) clearTimeout(timer)
    timer = setTimeout(work, ms)
  }

  /** One change at a time, until what is so and what is shown agree. */
  function settle(): void {
    changing ??= change().finally(() => (changing = null))
  }
  async function change(): Promise<void> {
    for (;;) {
      if (disposed) return
      if (shut && !connected && mode === 'offline') await leaveAlone()
      else if (connected && mode !== 'online') {
        if (!(await goOnline())) return
      } else if (!connected && patienceOver && (mode === 'starting' || mode === 'online')) {
        await goOffline()
      } else return
    }
  }

  async function leaveAlone(): Promise<void> {
    closeGate()
    await local?.pause()
    await local?.dispose()
    local = null
    mode = 'down'
    openGate()
    announce('offline')
  }

  async function goOffline(): Promise<void> {
    closeGate()
    try {
      local = shut
        ? null
        : await offline.begin({
            sessions: seat.known,
            newest: heard ? houseTime() : 0,
            ahead: heard?.ahead ?? 0,
          })
      if (local) {
        local.onEvent(tell)
        const hello = await local.hello()
        seat.reset(hello.sessions, hello.now)
        mode = 'offline'
        openGate()
        return announce(hello)
      }
    } catch (error) {
      onTrouble('offline-not-begun', describeError(error))
      await local?.dispose()
      local = null
    }
    mode = 'down'
    openGate()
    announce('offline')
  }

  /** False: not now; it is tried again. */
  async function goOnline(): Promise<boolean> {
    const call: AuthorityClient['call'] = (name, params) => service.call(name, params)
    try {
      let hello = connected
      if (await offline.pending()) {
        // An earlier run of this workstation left sessions open, whose views are gone.
        local ??= await beginAlone()
        // As much as possible while the workstation still answers by itself.
        await offline.send(call)
        closeGate()
        await local?.pause()
        const settled = await offline.finish(call)
        mustGreet = true
        await renew(call)
        await local?.dispose()
        local = null
        for (const { sessionId, outcome, reason } of settled)
          if (outcome === 'ended')
            tell({
              seq: connected?.seq ?? 0,
              type: 'session.ended',
              sessionId,
              reason: reason ?? 'offline-conflict',
              moved: null,
            })
      }
      if (mustGreet) {
        const afterSeq = connected?.seq ?? 0
        hello = await service.call('agent.hello', { protocol: 1, afterSeq, instance })
        mustGreet = false
      }
      if (!hello || !connected) throw new AuthorityError('unreachable', 'Lost again.')
      await local?.dispose()
      local = null
      mode = 'online'
      listen(hello)
      seat.reset(hello.sessions, hello.now)
      openGate()
      announce(hello)
      bundles.soon()
      return true
    } catch (error) {
      onTrouble('not-reconciled', describeError(error))
      if (local && mode === 'offline') {
        await local.resume()
        openGate()
      } else if (mode === 'offline') {
        // The journal is taken over, and then the connection was lost: a new time alone begins.
        mode = 'starting'
        patienceOver = true
      }
      if (!connected) return mode === 'starting'
      later(again, settle)
      return false
    }
  }

  /** Failed attempts of the time that is over are in the new bundle, and not in the one before. */
  async function renew(call: AuthorityClient['call']): Promise<void> {
    try {
      await offline.refresh(call, houseTime())
    } catch (error) {
      onTrouble('bundle-not-refreshed', describeError(error))
    }
  }

  async function beginAlone(): Promise<OfflineAuthority | null> {
    return offline.begin({ sessions: [], newest: houseTime(), ahead: heard?.ahead ?? 0 })
  }

  const unsubscribe = [
    service.onEvent((event) => {
      tell(event)
      if (event.type === 'workstation.disabled') return shutOut()
      if (event.type !== 'session.ended') return
      // Whoever was revoked must not get in by what this workstation remembers.
      if (event.reason === 'revoked' || event.reason === 'person-disabled') bundles.now()
    }),
    service.onConnection((state, hello) => {
      if (disposed) return
      if (state === 'online' && hello) {
        connected = hello
        shut = false
        mustGreet = false
        patienceOver = false
        if (timer) clearTimeout(timer)
        listen(hello)
        if (mode !== 'online' || changing) return settle()
        seat.reset(hello.sessions, hello.now)
        openGate()
        announce(hello)
        return bundles.soon()
      }
      connected = null
      bundles.stop()
      if (mode !== 'online') return
      closeGate()
      later(grace, () => {
        patienceOver = true
        settle()
      })
    }),
  ]
  if (mode === 'starting')
    later(startGrace, () => {
      patienceOver = true
      settle()
    })

  function shutOut(): void {
    shut = true
    bundles.stop()
    offline.drop().catch((error: unknown) => onTrouble('bundle-not-dropped', describeError(error)))
    settle()
  }

  /** Whoever signed in here is to be able to do so alone, too, and not only hours later. */
  function remember({ response }: Request<'session.start'>, value: unknown): void {
    if ((value as Response<'session.start'>).outcome !== 'signed-in') return
    const people = offline.bundle?.bundle.people ?? []
    const isKnown = people.some(({ passkeys }) =>
      passkeys.some(({ passkeyId }) => passkeyId === response.id),
    )
    if (!isKnown) bundles.now()
  }

  async function ready(): Promise<void> {
    if (open || disposed) return
    await gate.promise
    // It may have closed again before this was its turn.
    return ready()
  }

  return {
    get alone() {
      return local !== null && mode === 'offline'
    },
    reconnectNow: () => service.reconnectNow?.(),
    shutOut,
    async call<C extends Call>(call: C, params: Request<C>): Promise<Response<C>> {
      await ready()
      if (disposed) throw new AuthorityError('unreachable', 'The agent is ending.')
      const alone = local
      const value = await (alone ?? service).call(call, params)
      seat.answered(call, params, value, houseTime())
      if (alone === null && call === 'session.start')
        remember(params as Request<'session.start'>, value)
      return value
    },
    onEvent(listener) {
      eventListeners.add(listener)
      return () => void eventListeners.delete(listener)
    },
    onConnection(listener) {
      connectionListeners.add(listener)
      if (announced !== null && announced !== 'offline') listener('online', announced)
      return () => void connectionListeners.delete(listener)
    },
    async dispose() {
      disposed = true
      if (timer) clearTimeout(timer)
      bundles.stop()
      for (const end of unsubscribe) end()
      gate.resolve()
      await changing
      await local?.dispose()
      await offline.dispose()
      await service.dispose()
    },
  }
}
