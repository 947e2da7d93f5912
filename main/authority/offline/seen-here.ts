import { prepare } from '../../store/prepared.ts'
import { badgeTag } from '../identities/badge-tag.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { deviceKey } from './bundle-key.ts'

export interface Sight {
  readonly workstationId: string
  /** Canonical identity; only its tags are kept. */
  readonly badge: string
  readonly tag: string
  readonly personId: string
}

/**
 * Remembers that a badge was tapped here. Only while it is tapped can its tag under the workstation's
 * own key be made, because the identity itself is nowhere.
 */
export async function rememberSeen(
  { badgeKey, bundleSeed, policy }: Pick<Services, 'badgeKey' | 'bundleSeed' | 'policy'>,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  { workstationId, badge, tag, personId }: Sight,
): Promise<void> {
  if (!bundleSeed || policy['offline.life'] === 0) return
  const device_tag = badgeTag({ key: deviceKey(badgeKey.key, workstationId) }, badge)
  const seen = { person_id: personId, device_tag, at: now }
  await insertSeen.run(tx, { workstation_id: workstationId, tag, ...seen })
}

interface Seen {
  readonly workstation_id: string
  readonly tag: string
  readonly person_id: string
  readonly device_tag: string
  readonly at: number
}
const insertSeen = prepare<Seen>()((db, place) => {
  const seen = {
    person_id: place('person_id'),
    device_tag: place('device_tag'),
    at: place('at'),
  }
  return db
    .insertInto('seen_here')
    .values({ workstation_id: place('workstation_id'), tag: place('tag'), ...seen })
    .onConflict((conflict) => conflict.columns(['workstation_id', 'tag']).doUpdateSet(seen))
})
