import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { tellUnsecured } from './seat-news.ts'

export interface Overdue {
  /** Marks what is overdue as unsecured. Returns when the next one is due, or null. */
  run(): Promise<number | null>
}

/**
 * Seats that did not confirm their cover in time. Any number of nodes may look at once: one of them
 * marks a seat, records it and tells of it, in one transaction.
 */
export function createOverdue(services: Services): Overdue {
  const { db, record, unit, now } = services
  const waiting = () =>
    db.read
      .selectFrom('handovers')
      .where('secured_at', 'is', null)
      .where('unsecured_at', 'is', null)

  async function mark(fromSessionId: string): Promise<void> {
    await unit(async (work) => {
      const { tx, now } = work
      const handover = await tx
        .updateTable('handovers')
        .set({ unsecured_at: now })
        .where('from_session_id', '=', fromSessionId)
        .where('secured_at', 'is', null)
        .where('unsecured_at', 'is', null)
        .where('due_at', '<=', now)
        .returningAll()
        .executeTakeFirst()
      if (!handover) return
      const session = await tx
        .selectFrom('sessions')
        .selectAll()
        .where('session_id', '=', fromSessionId)
        .executeTakeFirstOrThrow()
      await record(tx, 'seat.unsecured', {
        outcome: 8,
        session,
        workstation: handover.from_workstation_id,
        detail: { after: now - handover.moved_at, toWorkstation: handover.to_workstation_id },
      })
      await tellUnsecured(services, work, handover)
    }, takeReserve)
  }

  return {
    async run() {
      const due = await waiting()
        .select('from_session_id')
        .where('due_at', '<=', now())
        .orderBy('due_at')
        .execute()
      for (const { from_session_id } of due) await mark(from_session_id)
      const next = await waiting()
        .select(({ fn }) => fn.min('due_at').as('at'))
        .executeTakeFirstOrThrow()
      return next.at
    },
  }
}
