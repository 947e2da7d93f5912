import type { HandoverTable } from '../../store/schema/roaming.ts'
import { unitWithPeople } from '../locks.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { tellUnsecured, toBeTold } from './seat-news.ts'

export interface Overdue {
  /** Marks what is overdue as unsecured. */
  mark(): Promise<void>
  /** When the next one is due that was not marked, or null. */
  next(): Promise<number | null>
}

/**
 * Seats that did not confirm their cover in time. Any number of nodes may look at once: one of them
 * marks a seat, records it and tells of it, in one transaction.
 */
export function createOverdue(services: Services): Overdue {
  const { db, record, now } = services
  const waiting = () =>
    db.read
      .selectFrom('handovers')
      .where('secured_at', 'is', null)
      .where('unsecured_at', 'is', null)

  async function markOne(from: Waiting): Promise<void> {
    const people = await toBeTold(db.read, from.person_id)
    const place = { people, workstationId: from.from_workstation_id }
    await unitWithPeople(
      services,
      place,
      async (work, reach) => {
        const { tx, now } = work
        const handover = await tx
          .updateTable('handovers')
          .set({ unsecured_at: now })
          .where('from_session_id', '=', from.from_session_id)
          .where('secured_at', 'is', null)
          .where('unsecured_at', 'is', null)
          .where('due_at', '<=', now)
          .returningAll()
          .executeTakeFirst()
        if (!handover) return
        const told = await toBeTold(tx, handover.person_id)
        reach(told)
        const session = await tx
          .selectFrom('sessions')
          .selectAll()
          .where('session_id', '=', from.from_session_id)
          .executeTakeFirstOrThrow()
        await record(tx, 'seat.unsecured', {
          outcome: 8,
          session,
          workstation: handover.from_workstation_id,
          detail: { after: now - handover.moved_at, toWorkstation: handover.to_workstation_id },
        })
        await tellUnsecured(services, work, handover, told)
      },
      takeReserve,
    )
  }

  return {
    async mark() {
      const due = await waiting()
        .select(['from_session_id', 'person_id', 'from_workstation_id'])
        .where('due_at', '<=', now())
        .orderBy('due_at')
        .execute()
      for (const one of due) await markOne(one)
    },
    async next() {
      // The comparison lets the index of what waits answer.
      const next = await waiting()
        .where('due_at', '>', 0)
        .select(({ fn }) => fn.min<number | null>('due_at').as('at'))
        .executeTakeFirstOrThrow()
      return next.at
    },
  }
}

type Waiting = Pick<
  Readonly<HandoverTable>,
  'from_session_id' | 'person_id' | 'from_workstation_id'
>
