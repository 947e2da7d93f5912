import type { EnrolmentRefusal } from '../badge/enrolment-refusal.ts'
import type { Request } from '../authority/protocol/procedures.ts'
import type { AskBadge, Effect } from './seat/effects.ts'

/** What a reader said of a badge: its canonical identity, which the seat's state never holds. */
export interface HeldBadge {
  readonly badge: string
  readonly refusedAtEnrolment: EnrolmentRefusal | null
}

type Identify = Extract<Effect, { type: 'identify' }>

/** Badges that may still be asked about, under the id of their tap; nowhere else do they exist. */
export const createHeldBadges = () => {
  const held = new Map<string, HeldBadge>()
  return {
    put: (id: string, badge: HeldBadge): void => void held.set(id, badge),

    /** Forgets all badges but these. */
    keepOnly(ids: readonly string[]): void {
      for (const id of held.keys()) if (!ids.includes(id)) held.delete(id)
    },

    /** The question whose badge it was; empty: it is not held any more, and refused like any. */
    identifyParams({ tapId, reader, purpose }: Identify): Request<'tap.identify'> {
      return { tapId, badge: held.get(tapId)?.badge ?? '', reader, purpose }
    },

    /** Another question about a badge; null: it is not held any more. */
    params(effect: AskBadge): Request<AskBadge['call']> | null {
      const one = held.get(effect.held)
      if (one === undefined) return null
      const { badge, refusedAtEnrolment } = one
      return effect.call === 'badge.begin'
        ? { ...effect.params, badge, refusedAtEnrolment }
        : { ...effect.params, badge }
    },

    get size(): number {
      return held.size
    },
  }
}
