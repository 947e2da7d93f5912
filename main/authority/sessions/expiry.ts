import { closeOverride } from '../emergency/override-rows.ts'
import { createLoanerEnds } from '../identities/loaner-ends.ts'
import type { EndReason } from '../protocol/index.ts'
import { takeReserve } from '../reserve.ts'
import { acknowledgeRestart } from '../roaming/acknowledge.ts'
import { createOverdue } from '../roaming/overdue.ts'
import type { Services } from '../services.ts'
import type { EndSession } from './ending.ts'
import { sessionHere } from './session-rows.ts'
import { isLive, limitOf, viewSession } from './session-views.ts'

/** Rows of finished ceremonies and taps are of no use after this, ms. */
const keptFor = 24 * 3_600_000

export interface ExpiryOptions extends Services {
  readonly endSession: EndSession
}

export interface Expiry {
  /** Ends what has run out. Returns the time of the next end, or null when nothing waits for one. */
  run(): Promise<number | null>
  /**
   * Marks seats that did not say in time that they are covered. A part of `run` that every node does
   * each second: whoever moved the session, and knows when its seat has to answer, may be gone.
   */
  markOverdue(): Promise<void>
  /** After a restart the workstation's views are gone, so its sessions cannot go on. */
  endAllOf(workstationId: string, reason: EndReason): Promise<void>
  /** Forgets finished ceremonies, taps, enrolments, moves and answered notices. */
  purge(): Promise<void>
}

export function createExpiry(services: ExpiryOptions): Expiry {
  const { db, policy, record, unit, endSession, now } = services

  const endLoans = createLoanerEnds(services)

  const overdue = createOverdue(services)

  const open = () => db.read.selectFrom('sessions').where('ended_at', 'is', null)
  const inForce = () => db.read.selectFrom('overrides').where('ended_at', 'is', null)
  const over = (at: number) => at - policy['session.inactivity']

  /** When the next of what is open runs out; asked of indexes, however many are open. */
  async function nextEnd(): Promise<number | null> {
    const [idle, hard, override] = await Promise.all([
      // Without a comparison no index of open sessions answers.
      open()
        .where('last_activity_at', '>', 0)
        .select(({ fn }) => fn.min<number | null>('last_activity_at').as('at'))
        .executeTakeFirstOrThrow(),
      open()
        .where('ends_at', '>', 0)
        .select(({ fn }) => fn.min<number | null>('ends_at').as('at'))
        .executeTakeFirstOrThrow(),
      inForce()
        .select(({ fn }) => fn.min<number | null>('ends_at').as('at'))
        .executeTakeFirstOrThrow(),
    ])
    return earliest([
      idle.at === null ? null : idle.at + policy['session.inactivity'],
      hard.at,
      override.at,
    ])
  }

  return {
    async run() {
      const at = now()
      const passed = (column: 'last_activity_at' | 'ends_at', at: number) =>
        open().select(['session_id', 'workstation_id']).where(column, '<=', at)
      // Each of an index of its own: SQLite would look through all sessions that ever were.
      const stale = await passed('last_activity_at', over(at))
        .union(passed('ends_at', at))
        .execute()
      for (const { session_id, workstation_id } of stale)
        await unit(async (work) => {
          const key = { sessionId: session_id, workstationId: workstation_id }
          const row = await sessionHere(work.tx, key)
          // Activity may have come in between.
          if (!isLive(row, policy, work.now)) await endSession(work, row, limitOf(row, policy))
        }, takeReserve)
      const ended = await inForce().select('override_id').where('ends_at', '<=', now()).execute()
      for (const { override_id } of ended)
        await unit(async (work) => {
          const row = await work.tx
            .selectFrom('overrides')
            .innerJoin('sessions', 'sessions.session_id', 'overrides.session_id')
            .selectAll('sessions')
            .where('override_id', '=', override_id)
            .executeTakeFirstOrThrow()
          if (!(await closeOverride({ record }, work, row, 'time'))) return
          const session = await viewSession(work.tx, row, policy, work.now)
          work.publish(row.workstation_id, { type: 'session.changed', session })
        }, takeReserve)
      await overdue.mark()
      return earliest([await endLoans(), await overdue.next(), await nextEnd()])
    },

    markOverdue: () => overdue.mark(),

    async endAllOf(workstationId, reason) {
      await unit(async (work) => {
        const rows = await work.tx
          .selectFrom('sessions')
          .selectAll()
          .where('workstation_id', '=', workstationId)
          .where('ended_at', 'is', null)
          .execute()
        for (const row of rows) await endSession(work, row, reason)
        if (reason === 'agent-restart')
          await acknowledgeRestart({ policy, record }, work, workstationId)
      }, takeReserve)
    },

    async purge() {
      const before = now() - keptFor
      await unit(async ({ tx }) => {
        await tx.deleteFrom('taps').where('expires_at', '<', before).execute()
        await tx.deleteFrom('ceremonies').where('expires_at', '<', before).execute()
        await tx.deleteFrom('enrolments').where('expires_at', '<', before).execute()
        await tx.deleteFrom('enrolment_failures').where('at', '<', before).execute()
        await tx.deleteFrom('badge_enrolments').where('expires_at', '<', before).execute()
        await tx.deleteFrom('notices').where('answered_at', '<', before).execute()
        await tx.deleteFrom('handovers').where('secured_at', '<', before).execute()
      }, takeReserve)
    },
  }
}

const earliest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((at) => at !== null)
  return known.length === 0 ? null : Math.min(...known)
}
