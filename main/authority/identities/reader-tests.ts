import type { Handlers } from '../context.ts'
import type { Services } from '../services.ts'
import { isProven, liveSessionHere } from '../sessions/session-rows.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import { findBadge } from './badge-rows.ts'
import { standingOf } from './badge-standing.ts'
import { badgeTag, shortTag } from './badge-tag.ts'
import { personOf } from './people.ts'

type Detail = { readonly step: 'opened' | 'revealed' | 'tapped' } & Readonly<Record<string, string>>

/** An IT engineer's test page for readers; every look is recorded, none of them names a person. */
export function createReaderTests(
  services: Services,
): Pick<Handlers, 'readers.open' | 'readers.test'> {
  const { policy, record, unit, badgeKey } = services

  /** Records the look, and says whether it may be taken. */
  async function mayLook(
    { tx, now }: Unit,
    sessionId: string,
    workstation: { readonly id: string },
    detailOf: () => Promise<Detail>,
  ): Promise<Detail | null> {
    const key = { sessionId, workstationId: workstation.id }
    const session: SessionRow = await liveSessionHere(tx, key, policy, now)
    const { role } = await personOf(tx, session.person_id)
    const entry = { session, workstation: workstation.id }
    if (role !== 'it-engineer' || !isProven(session)) {
      const detail = { reason: 'not-an-operator' }
      await record(tx, 'readers.tested', { ...entry, outcome: 4, detail })
      return null
    }
    const detail = await detailOf()
    await record(tx, 'readers.tested', { ...entry, detail })
    return detail
  }

  return {
    async 'readers.open'({ sessionId, reveal }, { workstation }) {
      return unit(async (work) => {
        const step = reveal ? 'revealed' : 'opened'
        const allowed = await mayLook(work, sessionId, workstation, () => Promise.resolve({ step }))
        return { outcome: allowed ? 'allowed' : 'not-an-operator' }
      })
    },

    async 'readers.test'({ sessionId, badge }, { workstation }) {
      return unit(async (work) => {
        const tag = badgeTag(badgeKey, badge)
        const seen = { tag: shortTag(tag), status: 'unknown' as ReturnType<typeof standingOf> }
        const allowed = await mayLook(work, sessionId, workstation, async () => {
          seen.status = standingOf(await findBadge(work.tx, tag), work.now)
          return { step: 'tapped', ...seen }
        })
        return allowed ? { outcome: 'tested', ...seen } : { outcome: 'not-an-operator' }
      })
    },
  }
}
