import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { Unit } from '../unit-of-work.ts'

export interface Disabling extends Pick<Services, 'record'> {
  readonly endSession: EndSession
}

/**
 * Closes a person's account: every session ends with all that hangs on it, and whatever they had begun
 * (taps, challenges, codes, requests) is used up. Nothing is deleted. False when it was closed before.
 */
export async function disablePerson(
  { record, endSession }: Disabling,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  {
    personId,
    cause,
    machine,
  }: { readonly personId: string; readonly cause: string; readonly machine: string },
): Promise<boolean> {
  const { tx, now } = work
  const disabled = await tx
    .updateTable('people')
    .set({ disabled_at: now })
    .where('person_id', '=', personId)
    .where('disabled_at', 'is', null)
    .returning('person_id')
    .executeTakeFirst()
  if (!disabled) return false
  await record(tx, 'person.disabled', { actor: personId, detail: { cause, machine } })
  await endSessionsOf({ endSession }, work, personId, 'person-disabled')
  for (const table of [
    'taps',
    'ceremonies',
    'enrolment_codes',
    'enrolments',
    'badge_enrolments',
  ] as const)
    await tx
      .updateTable(table)
      .set({ used_at: now })
      .where('person_id', '=', personId)
      .where('used_at', 'is', null)
      .execute()
  await tx
    .updateTable('fallback_requests')
    .set({ status: 'declined' })
    .where('person_id', '=', personId)
    .where('status', '=', 'open')
    .execute()
  return true
}

/** Ends a person's sessions on every seat. */
export async function endSessionsOf(
  { endSession }: Pick<Disabling, 'endSession'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  personId: string,
  reason: 'person-disabled' | 'revoked',
): Promise<void> {
  const open = await work.tx
    .selectFrom('sessions')
    .selectAll()
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .execute()
  for (const session of open) await endSession(work, session, reason)
}
