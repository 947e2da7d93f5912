import { type Caller, CallFailure, type Handler, type Handlers } from '../context.ts'
import type { Call } from '../protocol/index.ts'
import type { Connection } from '../server/connection.ts'
import { watchDeadline } from '../server/deadline.ts'
import { Overload } from '../server/overload.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { ReportClone } from './clones.ts'
import { createConnectionPlaces, type Fallen, type Live } from './connection-places.ts'
import { createGoneConnections } from './gone-connections.ts'

/** A live machine answers a ping within this, ms. */
const pingTime = 2_000
/** How far a look goes back behind the one before it, ms: longer than any transaction takes. */
const lookBack = 60_000
/** RFC 6455, 7.4.1: policy violation, and service restart, after which an agent is back at once. */
const closed: Readonly<Record<Fallen, number>> = { disabled: 1008, revoked: 1008, retired: 1012 }

export interface LiveConnectionsOptions extends Pick<Services, 'db' | 'unit' | 'now'> {
  /** Of this process, new with every start. */
  readonly nodeId: string
  readonly reportClone: ReportClone
  readonly endSession: EndSession
}

export interface LiveConnections {
  /** Wraps the hello: whoever says it is a live user of its workstation's key. */
  heed(hello: Handler<'agent.hello'>): Handler<'agent.hello'>
  /** Who said no hello is not known to be there, and is not heard. */
  knownOnly(handlers: Handlers): Handlers
  /**
   * Looks for connections that another one, on whatever node, has taken the place of, and for those
   * whose key lost its standing. To be called every second.
   */
  look(): Promise<void>
  /** Forgets connections that were left behind by a node that is gone. */
  purge(): Promise<void>
  /** Forgets all connections of this process at once; they must have been closed. Never rejects. */
  dispose(): Promise<void>
}

/**
 * Finds two live users of one key. A workstation has one connection; when it opens another, the one
 * before must be dead. The node that holds that one asks it: only a machine that is there answers a
 * ping with what was in it. A half-open connection, a restarted agent and a reconnect do not.
 */
export function createLiveConnections(options: LiveConnectionsOptions): LiveConnections {
  const { db, unit, now, nodeId, reportClone, endSession } = options
  const takePlaceOf = createConnectionPlaces({ unit }, nodeId)
  const gone = createGoneConnections({ unit }, nodeId)
  /** Those that are live users of their keys. */
  const here = new Map<string, Live>()
  const entering = new Map<string, Promise<void>>()
  const watched = new WeakMap<Connection, { closed: boolean }>()
  const asked = new Set<string>()
  /** The last look that came to its end: the database may have been away since. */
  let lookedAt = now()

  /** Whoever speaks again before it is known hears what comes of the first time. */
  function enter(live: Live, instance: string): Promise<void> {
    const { id } = live.connection
    if (here.has(id)) return Promise.resolve()
    const begun = entering.get(id) ?? takePlace(live, instance).finally(() => entering.delete(id))
    entering.set(id, begun)
    return begun
  }

  async function takePlace(live: Live, instance: string): Promise<void> {
    const { connection } = live
    const seen = watched.get(connection) ?? { closed: false }
    if (!watched.has(connection))
      connection.onClose(() => {
        seen.closed = true
        forget(connection.id)
      })
    watched.set(connection, seen)
    const isGivenUp = watchDeadline()
    const isWanted = () => !seen.closed && !isGivenUp()
    const why = await takePlaceOf({ ...live, instance, isWanted })
    if (why === 'unwanted') throw new Overload('nothing')
    if (why !== null) {
      connection.close(closed[why], why)
      throw new CallFailure('conflict', 'This workstation has to prove itself anew.')
    }
    // It may have been forgotten before it was known.
    if (seen.closed) forget(connection.id)
    else here.set(connection.id, live)
  }

  function forget(connectionId: string): void {
    here.delete(connectionId)
    asked.delete(connectionId)
    gone.add(connectionId)
  }

  async function ask(connectionId: string): Promise<void> {
    const live = here.get(connectionId)
    if (!live && entering.has(connectionId)) return
    if (!live) return forget(connectionId)
    if (asked.has(connectionId)) return
    asked.add(connectionId)
    if (!(await live.connection.alive(pingTime))) return
    const { workstationId, keyId } = live
    await reportClone({ workstationId, keyId, sign: 'two-connections' })
  }

  async function askSuperseded(): Promise<void> {
    const rows = await db.read
      .selectFrom('workstation_connections')
      .select('connection_id')
      .where('node_id', '=', nodeId)
      .where('superseded_at', 'is not', null)
      .execute()
    await Promise.all(rows.map(({ connection_id }) => ask(connection_id)))
  }

  async function cut(): Promise<void> {
    const at = now()
    const since = lookedAt - lookBack
    const keys = await db.read
      .selectFrom('workstation_keys')
      .select(['key_id', 'revoked_at'])
      .where((eb) =>
        eb.or([
          eb('revoked_at', '>', since),
          eb.and([eb('retires_at', '>', since), eb('retires_at', '<=', at)]),
        ]),
      )
      .execute()
    const disabled = await db.read
      .selectFrom('workstations')
      .select('workstation_id')
      .where('status', '=', 'disabled')
      .where('disabled_at', '>', since)
      .execute()
    const out = new Set(disabled.map(({ workstation_id }) => workstation_id))
    const fallen = new Map(
      keys.map(({ key_id, revoked_at }) => [key_id, revoked_at === null ? 'retired' : 'revoked']),
    )
    for (const { connection, workstationId, keyId } of here.values()) {
      const why = out.has(workstationId) ? 'disabled' : fallen.get(keyId)
      if (why === 'disabled' || why === 'revoked' || why === 'retired')
        connection.close(closed[why], why)
    }
    await endWhatBegan([...out])
    lookedAt = at
  }

  /** A sign-in that was under way when its workstation was disabled: it came after the others had ended. */
  async function endWhatBegan(workstationIds: readonly string[]): Promise<void> {
    if (workstationIds.length === 0) return
    const left = await db.read
      .selectFrom('sessions')
      .select('session_id')
      .where('workstation_id', 'in', workstationIds)
      .where('ended_at', 'is', null)
      .execute()
    for (const { session_id } of left)
      await unit(async (work) => {
        const row = await work.tx
          .selectFrom('sessions')
          .innerJoin('workstations as w', 'w.workstation_id', 'sessions.workstation_id')
          .selectAll('sessions')
          .where('session_id', '=', session_id)
          .where('w.status', '=', 'disabled')
          .executeTakeFirst()
        if (row) await endSession(work, row, 'workstation-disabled')
      }, takeReserve)
  }

  return {
    heed: (hello) => async (request, caller: Caller) => {
      const { connection, keyId, workstation } = caller
      if (connection && keyId !== undefined)
        await enter({ connection, keyId, workstationId: workstation.id }, request.instance)
      return hello(request, caller)
    },

    knownOnly(handlers) {
      const guarded = Object.entries(handlers).map(([call, handler]) => [
        call,
        (request: never, caller: Caller) => {
          const { connection, keyId } = caller
          const known = !connection || keyId === undefined || here.has(connection.id)
          if (known) return (handler as Handler<Call>)(request, caller)
          return Promise.reject(new CallFailure('conflict', 'Say hello first.'))
        },
      ])
      return Object.fromEntries(guarded) as Handlers
    },

    async look() {
      await cut()
      await askSuperseded()
      await gone.forget()
    },

    async purge() {
      const before = now() - lookBack
      await unit(
        ({ tx }) =>
          tx
            .deleteFrom('workstation_connections')
            .where('superseded_at', '<', before)
            .where('node_id', '!=', nodeId)
            .execute(),
        takeReserve,
      )
    },

    dispose: () => gone.dispose(),
  }
}
