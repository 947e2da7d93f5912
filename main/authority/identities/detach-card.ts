import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import { badgesOf } from './badge-rows.ts'
import { shortTag } from './badge-tag.ts'

export interface Detaching {
  readonly session: SessionRow
  readonly cardId: string
  readonly workstation: { readonly id: string; readonly name: string }
  readonly because: 'asked' | 'replaced' | 'disputed'
}

/**
 * Takes a card from the person of the session with all of its identities (R9: one action), records
 * it and tells the person. False when they have no such card.
 */
export async function detachCard(
  services: Pick<Services, 'record' | 'policy' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { session, cardId, workstation, because }: Detaching,
): Promise<boolean> {
  const { tx, now } = work
  const personId = session.person_id
  const rows = await badgesOf(tx, { personId, cardId, now })
  if (rows.length === 0) return false
  const tags = rows.map(({ tag }) => tag)
  await tx.updateTable('badges').set({ status: 'detached' }).where('tag', 'in', tags).execute()
  await services.record(tx, 'badge.detached', {
    session,
    workstation: workstation.id,
    detail: { card: cardId, tags: tags.map(shortTag).join(' '), because },
  })
  await leaveNotice(services, work, {
    personId,
    kind: 'badge-detached',
    about: cardId,
    place: workstation.name,
    by: session,
  })
  return true
}
