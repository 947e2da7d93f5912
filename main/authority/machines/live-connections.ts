import { type Caller, CallFailure, type Handler, type Handlers } from '../context.ts'
import type { Call } from '../protocol/index.ts'
import type { Connection } from '../server/connection.ts'
import { watchDeadline } from '../server/deadline.ts'
import { Overload } from '../server/overload.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { ReportClone } from './clones.ts'
import { inLots, padded } from '../in-lots.ts'
import { findKeys, whyNot } from './key-standing.ts'

/** A live machine answers a ping within this, ms. */
const pingTime = 2_000
/** How far a look goes back behind the one before it, ms: longer than any transaction takes. */
const lookBack = 60_000
/** Connections that are forgotten in one statement. */
const atOnce = 256
/** RFC 6455, 7.4.1: policy violation, and service restart, after which an agent is back at once. */
const closed = { disabled: 1008, revoked: 1008, retired: 1012 } as const

interface Live {
  readonly connection: Connection
  readonly workstationId: string
  readonly keyId: string
}

interface Opening extends Live {
  /** Of the process that says so. */
  readonly instance: string
  /** Whether it is still there, and waits for the answer. */
  readonly isWanted: () => boolean
}

/** Rolls a transaction back. */
class Withdrawn extends Error {}

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
  /** Those that are live users of their keys. */
  const here = new Map<string, Live>()
  const entering = new Map<string, Promise<void>>()
  const watched = new WeakMap<Connection, { closed: boolean }>()
  const asked = new Set<string>()
  /** Closed, and still in the database. */
  const gone = new Set<string>()
  let forgetting: Promise<void> | null = null
  /** Could not be forgotten the last time. */
  let resting = false
  let disposed = false
  /** The last look that came to its end: the database may have been away since. */
  let lookedAt = now()

  /** Why its key proves nothing any more; null: it is a live user of it from now on. */
  const open = inLots(
    async (lot: readonly Opening[]) => {
      // Who has gone must not take the place of who came after it, at whatever node.
      for (;;) {
        const wanted = lot.filter((one) => one.isWanted())
        const answers = new Map(await openAll(wanted))
        if (wanted.every((one) => answers.has(one)))
          return lot.map((one) => (answers.has(one) ? (answers.get(one) ?? null) : 'unwanted'))
      }
    },
    { nameOf: ({ workstationId }) => workstationId },
  )

  /** None at all when one of them has gone meanwhile: then nothing was kept. */
  async function openAll(
    lot: readonly Opening[],
  ): Promise<readonly (readonly [Opening, keyof typeof closed | null])[]> {
    if (lot.length === 0) return []
    try {
      return await unit(
        async ({ tx, now: at }) => {
          // First of all the workstations' rows: two that open at once must see each other.
          await tx
            .updateTable('workstations')
            .set({ last_seen_at: at })
            .where('workstation_id', 'in', padded(lot.map((one) => one.workstationId)))
            .execute()
          // It may have connected long before it speaks: looks do not go back that far.
          const keys = await findKeys(
            tx,
            lot.map(({ keyId }) => keyId),
          )
          const answers = lot.map((one) => {
            const known = keys.get(one.keyId)
            return [one, known ? whyNot(known, at) : 'revoked'] as const
          })
          const taken = answers.flatMap(([one, why]) => (why === null ? one : []))
          if (taken.length > 0) await takePlaces(tx, taken, at)
          if (!lot.every((one) => one.isWanted())) throw new Withdrawn()
          return answers
        },
        { isolation: 'read-committed' },
      )
    } catch (error) {
      if (error instanceof Withdrawn) return []
      throw error
    }
  }

  /** They are the live users of their workstations' keys from now on. */
  async function takePlaces(tx: Unit['tx'], taken: readonly Opening[], at: number): Promise<void> {
    await tx
      .updateTable('workstation_connections')
      .set({ superseded_at: at })
      .where('workstation_id', 'in', padded(taken.map((one) => one.workstationId)))
      .where('connection_id', 'not in', padded(taken.map(({ connection }) => connection.id)))
      .where('superseded_at', 'is', null)
      .execute()
    await tx
      .insertInto('workstation_connections')
      .values(
        padded(taken).map(({ connection, workstationId, keyId, instance }) => ({
          connection_id: connection.id,
          workstation_id: workstationId,
          key_id: keyId,
          node_id: nodeId,
          instance,
          opened_at: at,
          superseded_at: null,
        })),
      )
      .onConflict((conflict) => conflict.column('connection_id').doNothing())
      .execute()
  }

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
    const why = await open({ ...live, instance, isWanted })
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
    if (disposed) return
    gone.add(connectionId)
    if (!resting) void forgetGone()
  }

  function notForgotten(error: unknown): void {
    if (!resting)
      log('warn', 'connections-not-forgotten', { ...describeError(error), left: gone.size })
    resting = true
  }

  /** After a failure only with each look. */
  function forgetGone(): Promise<void> {
    forgetting ??= forgetSome()
      .then(() => void (resting = false), notForgotten)
      .finally(() => (forgetting = null))
    return forgetting
  }

  async function forgetSome(): Promise<void> {
    while (gone.size > 0) {
      const some = [...gone].slice(0, atOnce)
      await unit(
        ({ tx }) =>
          tx
            .deleteFrom('workstation_connections')
            .where('connection_id', 'in', padded(some))
            .execute(),
        { isolation: 'read-committed' },
      )
      for (const id of some) gone.delete(id)
    }
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
      await forgetGone()
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

    async dispose() {
      disposed = true
      gone.clear()
      await forgetting
      await unit(
        ({ tx }) =>
          tx.deleteFrom('workstation_connections').where('node_id', '=', nodeId).execute(),
        { ...takeReserve, isolation: 'read-committed' },
      ).catch(notForgotten)
    },
  }
}
