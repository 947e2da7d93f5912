import type { AuditInput } from '../audit/events.ts'
import type { Handlers } from '../authority/context.ts'
import type { Bundle } from '../authority/protocol/index.ts'
import type { Database } from '../store/port.ts'

const day = 24 * 3_600_000

export interface AdmissionOptions {
  readonly handlers: Handlers
  readonly bundle: Bundle
  readonly db: Database
  readonly now: () => number
  /** Writes one record, in a change of its own. */
  readonly record: (
    input: Pick<AuditInput, 'event' | 'outcome' | 'actor' | 'detail'>,
    options: { readonly reserve: 'none' | 'take' },
  ) => Promise<void>
}

/**
 * The authority's handlers within what its bundle allows: once it has expired, nobody gets in or
 * back in but by emergency access, and of that so many in a day.
 */
export function admitByBundle({ handlers, bundle, db, now, record }: AdmissionOptions): Handlers {
  const isOver = () => now() >= bundle.expiresAt

  return {
    ...handlers,

    async 'tap.identify'(request, caller) {
      const answer = await handlers['tap.identify'](request, caller)
      if (answer.outcome !== 'identified' || request.purpose === 'witness' || !isOver())
        return answer
      // What is left for this person is a witness; the screen offers that to who has no passkey.
      return { ...answer, session: null, passkey: false }
    },

    async 'session.start'(request, caller) {
      if (!isOver()) return handlers['session.start'](request, caller)
      await refused('start')
      return { outcome: 'refused', reason: 'expired' }
    },

    async 'session.resume'(request, caller) {
      if (!isOver()) return handlers['session.resume'](request, caller)
      await refused('resume')
      return { outcome: 'refused', reason: 'not-verified' }
    },

    async 'fallback.request'(request, caller) {
      const { used } = await db.read
        .selectFrom('review_cases')
        .select(({ fn }) => fn.countAll().as('used'))
        .where('kind', '=', 'fallback')
        .where('started_at', '>', now() - day)
        .executeTakeFirstOrThrow()
      if (Number(used) < bundle.emergency.perDay)
        return handlers['fallback.request'](request, caller)
      await record(
        {
          event: 'fallback.refused',
          outcome: 4,
          actor: null,
          detail: { reason: 'quota', cause: 'bundle' },
        },
        { reserve: 'take' },
      )
      return { outcome: 'refused', reason: 'quota' }
    },
  }

  function refused(how: string): Promise<void> {
    return record(
      {
        event: 'session.refused',
        outcome: 4,
        actor: null,
        detail: { reason: 'expired', cause: 'bundle-expired', how },
      },
      { reserve: 'none' },
    )
  }
}
