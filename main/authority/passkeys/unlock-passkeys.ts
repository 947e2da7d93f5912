import { findPerson, isDisabled } from '../identities/people.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'

export type Unlocked =
  | {
      readonly outcome: 'unlocked'
      /** Passkeys that had failed attempts. */
      readonly passkeys: number
    }
  | { readonly outcome: 'refused'; readonly reason: 'unknown' | 'disabled' }

/**
 * Forgets the failed attempts with a person's passkeys, here and at every workstation that was alone
 * (`passkey.attempts`): for whoever was seen to be that person. It proves nobody and opens nothing.
 * `by`: who asked for it, for the record.
 */
export async function unlockPasskeys(
  { record }: Pick<Services, 'record'>,
  { tx }: Pick<Unit, 'tx'>,
  { personId, by }: { readonly personId: string; readonly by: string },
): Promise<Unlocked> {
  const person = await findPerson(tx, personId)
  if (!person) return { outcome: 'refused', reason: 'unknown' }
  if (isDisabled(person)) return { outcome: 'refused', reason: 'disabled' }
  const own = tx.selectFrom('passkeys').select('passkey_id').where('person_id', '=', personId)
  const offline = await tx
    .deleteFrom('offline_attempts')
    .where('passkey_id', 'in', own)
    .returning('passkey_id')
    .execute()
  const online = await tx
    .updateTable('passkeys')
    .set({ failed_attempts: 0 })
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .where('failed_attempts', '>', 0)
    .returning('passkey_id')
    .execute()
  const unlocked = new Set([...online, ...offline].map(({ passkey_id }) => passkey_id))
  for (const passkey of unlocked)
    await record(tx, 'passkey.unlocked', { actor: personId, detail: { passkey, by } })
  return { outcome: 'unlocked', passkeys: unlocked.size }
}
