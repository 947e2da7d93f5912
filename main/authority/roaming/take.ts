import type { Kysely } from 'kysely'
import type { Policy } from '../../policy/settings.ts'
import type { Schema } from '../../store/schema/index.ts'
import { isProven } from '../sessions/session-rows.ts'
import { overrideInForce, type SessionRow } from '../sessions/session-views.ts'

/** Until here a tap alone takes the session over; never past its hard end. */
export function takeUntil(
  row: Pick<SessionRow, 'kind' | 'aal' | 'verified_at' | 'ends_at'>,
  limits: Pick<Policy, 'roaming.tapGrace'>,
): number {
  return isProven(row) ? Math.min(row.verified_at + limits['roaming.tapGrace'], row.ends_at) : 0
}

/**
 * Whether a tap alone may take a live session over from another workstation. What was opened by
 * breaking the glass follows a passkey only: a copied badge must not carry it away.
 */
export async function isTapEnough(
  db: Kysely<Schema>,
  row: SessionRow,
  limits: Pick<Policy, 'roaming.tapGrace'>,
  now: number,
): Promise<boolean> {
  if (limits['roaming.tapGrace'] === 0 || now >= takeUntil(row, limits)) return false
  return (await overrideInForce(db, row.session_id, now)) === undefined
}
