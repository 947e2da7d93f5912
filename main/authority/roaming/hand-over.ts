import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import type { Departure } from './make-room.ts'

/**
 * After `makeRoom` and the insert of the new session: what goes with the person goes to it, the
 * move is recorded, and the seat that was left has until `roaming.secureWithin` to say it is covered.
 */
export async function handOver(
  { policy, record }: Pick<Services, 'policy' | 'record'>,
  { tx, now, due }: Unit,
  { left, inherits }: Departure,
  session: SessionRow,
  by: 'passkey' | 'tap' | 'witness',
): Promise<void> {
  const override = inherits
    ? await tx
        .updateTable('overrides')
        .set({ session_id: session.session_id })
        .where('session_id', '=', left.session_id)
        .where('ended_at', 'is', null)
        .returning(['override_id', 'ends_at'])
        .executeTakeFirst()
    : undefined
  // What a session is not told before its person has verified anew, a tap does not open, either.
  if (by === 'tap')
    await tx
      .updateTable('notices')
      .set({ session_id: session.session_id })
      .where('person_id', '=', session.person_id)
      .where('session_id', '=', left.session_id)
      .where('answered_at', 'is', null)
      .execute()
  const dueAt = now + policy['roaming.secureWithin']
  await tx
    .insertInto('handovers')
    .values({
      from_session_id: left.session_id,
      to_session_id: session.session_id,
      person_id: session.person_id,
      from_workstation_id: left.workstation_id,
      from_workstation_name: left.workstation_name,
      to_workstation_id: session.workstation_id,
      to_workstation_name: session.workstation_name,
      moved_at: now,
      due_at: dueAt,
      secured_at: null,
      cleared_at: null,
      unsecured_at: null,
    })
    .execute()
  await record(tx, 'session.moved', {
    session,
    workstation: session.workstation_id,
    patient: inherits ? session.patient : null,
    detail: {
      by,
      from: left.session_id,
      fromWorkstation: left.workstation_id,
      inherits,
      override: override?.override_id ?? null,
    },
  })
  due(dueAt)
  if (override) due(override.ends_at)
}
