import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { shortTag } from './badge-tag.ts'

/** Ends and records the loans that have run out; resolves to the end of the next (ms), or null. */
export type EndLoans = () => Promise<number | null>

/**
 * A loan is over when its time has passed, and identifies nobody from then on whether or not this has
 * run; this writes it down, once. A session that was begun with the loaner goes on.
 */
export function createLoanerEnds({
  db,
  now,
  record,
  unit,
}: Pick<Services, 'db' | 'now' | 'record' | 'unit'>): EndLoans {
  const running = () =>
    db.read
      .selectFrom('badges')
      .select(['tag', 'ends_at'])
      .where('kind', '=', 'loaner')
      .where('status', 'in', ['active', 'lost'])
      .where('ends_at', 'is not', null)
      .orderBy('ends_at')

  return async () => {
    for (const { tag } of await running().where('ends_at', '<=', now()).execute())
      await unit(async ({ tx, now }) => {
        const ended = await tx
          .updateTable('badges')
          .set({ status: 'detached' })
          .where('tag', '=', tag)
          .where('kind', '=', 'loaner')
          .where('status', 'in', ['active', 'lost'])
          // It may have been handed out again in between.
          .where('ends_at', '<=', now)
          .returning(['person_id', 'card_id', 'ends_at'])
          .executeTakeFirst()
        if (!ended) return
        await record(tx, 'badge.loaner-ended', {
          actor: ended.person_id,
          detail: { tag: shortTag(tag), card: ended.card_id, endsAt: ended.ends_at },
        })
      }, takeReserve)
    return (await running().limit(1).executeTakeFirst())?.ends_at ?? null
  }
}
