import { closeOverride } from '../emergency/override-rows.ts'
import { createLoanerEnds } from '../identities/loaner-ends.ts'
import type { EndReason } from '../protocol/index.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { EndSession } from './ending.ts'
import { sessionHere } from './session-rows.ts'
import { inactiveAt, isLive, type SessionRow, viewSession } from './session-views.ts'

/** Rows of finished ceremonies and taps are of no use after this, ms. */
const keptFor = 24 * 3_600_000

export interface ExpiryOptions extends Services {
  readonly endSession: EndSession
}

export interface Expiry {
  /** Ends what has run out. Returns the time of the next end, or null when nothing waits for one. */
  run(): Promise<number | null>
  /** After a restart the workstation's views are gone, so its sessions cannot go on. */
  endAllOf(workstationId: string, reason: EndReason): Promise<void>
  /** Forgets finished ceremonies, taps, enrolments and answered notices. */
  purge(): Promise<void>
}

export function createExpiry(services: ExpiryOptions): Expiry {
  const { db, policy, record, unit, endSession, now } = services

  const endLoans = createLoanerEnds(services)

  const reasonOf = (row: SessionRow): EndReason => {
    if (row.last_activity_at + policy['session.inactivity'] < row.ends_at) return 'inactivity'
    return row.kind === 'fallback' ? 'emergency-over' : 'session-limit'
  }
  const open = () =>
    db.read.selectFrom('sessions').selectAll().where('ended_at', 'is', null).execute()
  const overridesInForce = () =>
    db.read.selectFrom('overrides').selectAll().where('ended_at', 'is', null).execute()

  return {
    async run() {
      for (const stale of (await open()).filter((row) => !isLive(row, policy, now())))
        await unit(async (work) => {
          const key = { sessionId: stale.session_id, workstationId: stale.workstation_id }
          const row = await sessionHere(work.tx, key)
          // Activity may have come in between.
          if (!isLive(row, policy, work.now)) await endSession(work, row, reasonOf(row))
        }, takeReserve)
      const over = (await overridesInForce()).filter(({ ends_at }) => ends_at <= now())
      for (const { session_id } of over)
        await unit(async (work) => {
          const row = await work.tx
            .selectFrom('sessions')
            .selectAll()
            .where('session_id', '=', session_id)
            .executeTakeFirstOrThrow()
          if (!(await closeOverride({ record }, work, row, 'time'))) return
          const session = await viewSession(work.tx, row, policy, work.now)
          work.publish(row.workstation_id, { type: 'session.changed', session })
        }, takeReserve)

      const loan = await endLoans()
      const ends = [
        ...(loan === null ? [] : [loan]),
        ...(await open()).map((row) => inactiveAt(row, policy)),
        ...(await overridesInForce()).map(({ ends_at }) => ends_at),
      ]
      return ends.length === 0 ? null : Math.min(...ends)
    },

    async endAllOf(workstationId, reason) {
      await unit(async (work) => {
        const rows = await work.tx
          .selectFrom('sessions')
          .selectAll()
          .where('workstation_id', '=', workstationId)
          .where('ended_at', 'is', null)
          .execute()
        for (const row of rows) await endSession(work, row, reason)
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
      }, takeReserve)
    },
  }
}
