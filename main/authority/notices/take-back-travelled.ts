import type { NoticeTable } from '../../store/schema/authority.ts'
import { tapLife } from '../identities/taps.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

export interface ProvenTap {
  readonly tapId: string
  /** Begun with a passkey that followed the tap. */
  readonly session: SessionRow
  /** Their session until then. */
  readonly left: SessionRow
}

export const saysTravelled = ({ kind }: Pick<NoticeTable, 'kind'>): boolean =>
  kind === 'badge-travelled'

/**
 * Whoever walks fast and proves at both ends who they are needs no warning that their badge was at
 * two places: what this tap left unanswered is taken back. It stays when another tap of that time was
 * not followed by a passkey at its own seat, since that one may have been of a copied badge.
 */
export async function takeBackTravelled(
  { policy, record }: Pick<Services, 'policy' | 'record'>,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  { tapId, session, left }: ProvenTap,
): Promise<void> {
  const { person_id: personId, workstation_id: here } = session
  const taps = await tx
    .selectFrom('taps')
    .select(['workstation_id', 'tap_id', 'expires_at'])
    .where('person_id', '=', personId)
    .where('expires_at', '>', now - policy['badge.walkTime'])
    .execute()
  const tap = taps.find((one) => one.workstation_id === here && one.tap_id === tapId)
  if (!tap) return
  const at = tap.expires_at - tapLife
  const elsewhere = taps
    .filter((one) => one.workstation_id !== here)
    .map((one) => ({ workstation: one.workstation_id, at: one.expires_at - tapLife }))
    .filter((one) => one.at <= at && one.at > at - policy['badge.walkTime'])
  const proven = elsewhere.every(
    (one) => left.workstation_id === one.workstation && left.verified_at >= one.at,
  )
  if (elsewhere.length === 0 || !proven) return

  const takenBack: Pick<NoticeTable, 'notice_id' | 'about'> | undefined = await tx
    .updateTable('notices')
    .set({ answered_at: now })
    .where('person_id', '=', personId)
    .where('kind', '=', 'badge-travelled')
    .where('at', '=', at)
    .where('answered_at', 'is', null)
    .returning(['notice_id', 'about'])
    .executeTakeFirst()
  if (!takenBack) return
  const { notice_id: notice, about } = takenBack
  await record(tx, 'notice.taken-back', {
    session,
    workstation: here,
    detail: { notice, kind: 'badge-travelled', about, because: 'proven' },
  })
}
