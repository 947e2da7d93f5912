import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { badgeTag, shortTag } from './badge-tag.ts'

type Needs = Pick<Services, 'record' | 'badgeKey'>

/**
 * Gives a badge to a person. A badge that somebody else has already is quarantined: from then on it
 * identifies nobody (R9), because nobody can say which of the two holds it.
 */
export async function assignBadge(
  { record, badgeKey }: Needs,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  { personId, badge }: { readonly personId: string; readonly badge: string },
): Promise<'assigned' | 'unchanged' | 'conflicting'> {
  const tag = badgeTag(badgeKey, badge)
  const found = await tx
    .selectFrom('badges')
    .select(['person_id', 'status'])
    .where('tag', '=', tag)
    .executeTakeFirst()
  if (found?.person_id === personId) return 'unchanged'
  if (found?.status === 'conflicting') return 'conflicting'
  if (found) {
    await tx.updateTable('badges').set({ status: 'conflicting' }).where('tag', '=', tag).execute()
    const detail = { tag: shortTag(tag), also: found.person_id }
    await record(tx, 'badge.quarantined', { outcome: 8, actor: personId, detail })
    return 'conflicting'
  }
  await tx
    .insertInto('badges')
    .values({
      tag,
      key_version: badgeKey.version,
      person_id: personId,
      status: 'active',
      assigned_at: now,
    })
    .execute()
  await record(tx, 'badge.assigned', { actor: personId, detail: { tag: shortTag(tag) } })
  return 'assigned'
}

/** Detaches a badge for good; it answers like an unknown one from now on. */
export async function revokeBadge(
  { record, badgeKey }: Needs,
  { tx }: Pick<Unit, 'tx'>,
  { badge }: { readonly badge: string },
): Promise<'revoked' | 'not-found'> {
  const tag = badgeTag(badgeKey, badge)
  const revoked = await tx
    .updateTable('badges')
    .set({ status: 'revoked' })
    .where('tag', '=', tag)
    .returning('person_id')
    .executeTakeFirst()
  if (!revoked) return 'not-found'
  await record(tx, 'badge.revoked', {
    actor: revoked.person_id,
    detail: { tag: shortTag(tag) },
  })
  return 'revoked'
}
