import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditInput } from '../../main/audit/events.ts'
import type { Caller } from '../../main/authority/context.ts'
import { bundleSigner } from '../../main/authority/offline/index.ts'
import {
  type AuthorityClient,
  AuthorityError,
  type AuthorityEvent,
  type Call,
  type Request,
  type Response,
} from '../../main/authority/protocol/index.ts'
import { dispatch } from '../../main/authority/server/dispatch.ts'
import {
  createFailoverClient,
  type FailoverClient,
  type FailoverOptions,
} from '../../main/offline/failover-client.ts'
import {
  type OfflineStation,
  openOfflineStation,
  type StationOptions,
} from '../../main/offline/station.ts'
import { memoryVault } from '../../main/vault/memory-vault.ts'
import { type AuthorityFixture, authorityFixture, defaultPolicy, rpId } from './authority.ts'
import type { FixtureOptions } from './authority.ts'
import type { SoftwarePasskey } from './passkey.ts'

export const bundleSeed = new Uint8Array(32).fill(9)
export const bundleKeys = [bundleSigner(bundleSeed).publicKey]

type Hello = Response<'agent.hello'>
type SignedIn = Extract<Response<'session.start'>, { outcome: 'signed-in' }>['session']

/** The house's authority as one workstation reaches it, over a line that can be cut. */
export interface Line extends AuthorityClient {
  cut(): void
  mend(): Promise<void>
  /** From now on the line is cut after so many more calls of this name, before their answer comes. */
  cutAfter(call: Call, times: number): void
  readonly calls: Call[]
}

/** `fixture` as the workstation of `caller` reaches it. */
export function lineTo(fixture: AuthorityFixture, caller: Caller): Line {
  const events = new Set<(event: AuthorityEvent) => void>()
  const connections = new Set<Parameters<AuthorityClient['onConnection']>[0]>()
  const calls: Call[] = []
  let up = false
  let doomed: { readonly call: Call; left: number } | null = null
  const carry = async (call: Call, params: unknown) => {
    const answer = await dispatch(fixture.authority.handlers, call, params, caller)
    if (!answer.ok) throw new AuthorityError(answer.error.code, answer.error.message)
    return answer.value
  }
  const line: Line = {
    calls,
    async call<C extends Call>(call: C, params: Request<C>): Promise<Response<C>> {
      if (!up) throw new AuthorityError('unreachable', 'The line is cut.')
      calls.push(call)
      const value = (await carry(call, params)) as Response<C>
      if (doomed?.call === call && --doomed.left === 0) line.cut()
      // Carried out, and nobody hears of it.
      if (!up) throw new AuthorityError('unreachable', 'The line is cut.')
      return value
    },
    onEvent(listener) {
      events.add(listener)
      return () => void events.delete(listener)
    },
    onConnection(listener) {
      connections.add(listener)
      return () => void connections.delete(listener)
    },
    cut() {
      doomed = null
      if (!up) return
      up = false
      for (const listener of connections) listener('offline')
    },
    async mend() {
      const hello = (await carry('agent.hello', { protocol: 1, afterSeq: 0 })) as Hello
      up = true
      for (const listener of connections) listener('online', hello)
    },
    cutAfter(call, times) {
      doomed = { call, left: times }
    },
    dispose: () => Promise.resolve(),
  }
  fixture.authority.events.subscribe(caller.workstation.id, (event) => {
    if (up) for (const listener of events) listener(event)
  })
  return line
}

export interface SeatFixture {
  readonly client: FailoverClient
  readonly station: OfflineStation
  readonly events: AuthorityEvent[]
  /** Every connection state that was announced. */
  readonly hellos: (Hello | 'offline')[]
  readonly troubles: string[]
  /** Resolves with the next hello that fits. */
  hello(fits: (hello: Hello) => boolean): Promise<Hello>
  offline(): Promise<Hello>
  online(): Promise<Hello>
  tap(person: string, purpose?: 'sign-in' | 'witness'): Promise<Identified>
  signIn(person: string, key: SoftwarePasskey): Promise<SignedIn>
  dispose(): Promise<void>
}
type Identified = Extract<Response<'tap.identify'>, { outcome: 'identified' }> & { tapId: string }

export interface House {
  readonly fixture: AuthorityFixture
  readonly line: Line
  readonly directory: string
  readonly vault: ReturnType<typeof memoryVault>
  openStation(change?: Partial<StationOptions>): Promise<OfflineStation>
  /** A seat with a failover client over `line`; a second one is the same workstation restarted. */
  openSeat(
    change?: Partial<StationOptions>,
    failover?: Partial<FailoverOptions>,
  ): Promise<SeatFixture>
  recordsOffline(): AuditInput[]
  dispose(): Promise<void>
}

const time = (fixture: AuthorityFixture) => {
  const start = fixture.now()
  return { wall: () => fixture.now(), monotonic: () => fixture.now() - start }
}

/** An authority with bundles, and what one workstation of it needs; time is in the fixture's hand. */
export async function houseFixture(options: FixtureOptions = {}): Promise<House> {
  const fixture = await authorityFixture({ bundleKey: bundleSeed, ...options })
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-offline-'))
  const vault = memoryVault()
  const line = lineTo(fixture, fixture.here)
  const open = new Set<SeatFixture>()
  const policy = { ...defaultPolicy, ...options.policy }

  const house: House = {
    fixture,
    line,
    directory,
    vault,
    openStation: (change = {}) =>
      openOfflineStation({
        directory,
        vault,
        policy,
        bundleKeys,
        workstationId: fixture.here.workstation.id,
        rpId,
        origin: `https://agent.${rpId}`,
        time: time(fixture),
        ...change,
      }),
    async openSeat(change = {}, failover = {}) {
      const station = await house.openStation(change)
      const troubles: string[] = []
      const client = createFailoverClient({
        service: line,
        offline: station,
        grace: 5,
        startGrace: 5,
        again: 5,
        time: time(fixture),
        onTrouble: (what, detail) => troubles.push(`${what} ${JSON.stringify(detail)}`),
        ...failover,
      })
      const seat = seatOf(client, station, troubles)
      open.add(seat)
      return seat
    },
    recordsOffline: () => fixture.records.filter(({ detail }) => detail.offline === true),
    async dispose() {
      for (const seat of open) await seat.dispose()
      await fixture.dispose()
      await rm(directory, { recursive: true })
    },
  }
  return house
}

function seatOf(client: FailoverClient, station: OfflineStation, troubles: string[]): SeatFixture {
  const events: AuthorityEvent[] = []
  const hellos: (Hello | 'offline')[] = []
  const waiting = new Set<() => void>()
  client.onEvent((event) => events.push(event))
  client.onConnection((state, hello) => {
    hellos.push(state === 'online' && hello ? hello : 'offline')
    for (const look of waiting) look()
  })
  const newest = () => hellos.findLast((one) => one !== undefined)
  let disposed: Promise<void> | null = null
  const seat: SeatFixture = {
    client,
    station,
    events,
    hellos,
    troubles,
    hello: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const last = newest()
          if (last === undefined || last === 'offline' || !fits(last)) return
          waiting.delete(look)
          resolve(last)
        }
        waiting.add(look)
        look()
      }),
    offline: () => seat.hello(({ offline }) => offline !== null),
    online: () => seat.hello(({ offline }) => offline === null),
    async tap(person, purpose = 'sign-in') {
      const tapId = randomBytes(8).toString('hex')
      const params = { tapId, badge: `badge-${person}`, reader: 'test', purpose }
      const answer = await client.call('tap.identify', params)
      if (answer.outcome !== 'identified') throw new Error(`the badge of ${person} was refused`)
      return { ...answer, tapId }
    },
    async signIn(person, key) {
      const { ceremony } = await seat.tap(person)
      const answer = await client.call('session.start', {
        ceremonyId: ceremony.ceremonyId,
        response: key.assert(ceremony.options),
      })
      if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
      return answer.session
    },
    dispose: () => (disposed ??= client.dispose()),
  }
  return seat
}
