import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { technologyOf } from './badge-fitness.ts'
import { findBadge, giveBadge } from './badge-rows.ts'
import { isFree, standingOf } from './badge-standing.ts'
import { badgeTag, shortTag } from './badge-tag.ts'

type Assigner = Pick<Services, 'record' | 'badgeKey' | 'randomId'>
type Assigned = 'assigned' | 'unchanged' | 'conflicting'

/**
 * Gives a badge to a person because the directory says so. A badge that somebody else has already is
 * quarantined: from then on it identifies nobody (R9), because nobody can say which of the two holds
 * it. What its person has detached, or passed on since, does not come back.
 */
export async function assignBadge(
  services: Assigner,
  unit: Pick<Unit, 'tx' | 'now'>,
  { personId, badge }: { readonly personId: string; readonly badge: string },
): Promise<Assigned> {
  const tag = badgeTag(services.badgeKey, badge)
  return assignTag(services, unit, { personId, tag, technology: technologyOf(badge) })
}

/** As `assignBadge`, of a badge whose tag is all that is known. */
export async function assignTag(
  { record, badgeKey, randomId }: Assigner,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  {
    personId,
    tag,
    technology,
  }: { readonly personId: string; readonly tag: string; readonly technology: string },
): Promise<Assigned> {
  const found = await findBadge(tx, tag)
  if (found?.person_id === personId || found?.directory_person_id === personId) return 'unchanged'
  if (found?.status === 'conflicting') return 'conflicting'
  // The stock of loaners is nobody's own; whoever bears one now is not made to suffer for it.
  if (found?.stock === 1) {
    const detail = { tag: shortTag(tag), reason: 'loaner-only', by: 'directory' }
    await record(tx, 'badge.enrolment-refused', { outcome: 4, actor: personId, detail })
    return 'conflicting'
  }
  if (found && !isFree(standingOf(found, now))) {
    await tx.updateTable('badges').set({ status: 'conflicting' }).where('tag', '=', tag).execute()
    const detail = { tag: shortTag(tag), also: found.person_id }
    await record(tx, 'badge.quarantined', { outcome: 8, actor: personId, detail })
    return 'conflicting'
  }
  await giveBadge(tx, {
    tag,
    key_version: badgeKey.version,
    badge_id: randomId(),
    card_id: randomId(),
    person_id: personId,
    directory_person_id: personId,
    name: 'Badge',
    kind: 'permanent',
    status: 'active',
    technology,
    stock: 0,
    assigned_at: now,
    ends_at: null,
    last_seen_at: null,
    last_seen_workstation_id: null,
    last_seen_workstation_name: null,
  })
  await record(tx, 'badge.assigned', {
    actor: personId,
    detail: { tag: shortTag(tag), by: 'directory' },
  })
  return 'assigned'
}
