import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import type { JournalRow } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import type { Source } from './journal-rows.ts'

/*
 * What a workstation says of failed attempts has no evidence, unlike an assertion. So it counts
 * against the passkey at that workstation only: a workstation that lies shuts nobody out elsewhere,
 * and whoever tries there without the authority has no more attempts for having been connected
 * meanwhile. The person's next proof, wherever it is, takes them back, as it does the house's own.
 */

/** Failed attempts at one workstation, by passkey, that no proof has followed. */
export async function attemptsAt(
  db: Kysely<Schema>,
  workstationId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('offline_attempts')
    .innerJoin('passkeys', 'passkeys.passkey_id', 'offline_attempts.passkey_id')
    .select(['passkeys.passkey_id', 'offline_attempts.failed_attempts'])
    .where('workstation_id', '=', workstationId)
    .where((eb) =>
      eb.or([
        eb('passkeys.last_used_at', 'is', null),
        eb('passkeys.last_used_at', '<=', eb.ref('offline_attempts.at')),
      ]),
    )
    .execute()
  return new Map(rows.map((row) => [row.passkey_id, row.failed_attempts]))
}

/** Takes down what the workstation reports; on record when it lets nobody try there any more. */
export async function takeAttempts(
  { policy, record }: Pick<Services, 'policy' | 'record'>,
  { tx }: Pick<Unit, 'tx'>,
  { passkey_id: passkeyId, failed_attempts }: JournalRow<'passkeys'>,
  { journalId, workstation, at }: Source,
): Promise<void> {
  if (failed_attempts === 0) return
  const passkey = await tx
    .selectFrom('passkeys')
    .select('person_id')
    .where('passkey_id', '=', passkeyId)
    .executeTakeFirst()
  if (!passkey) return
  const limit = policy['passkey.attempts']
  const before = (await attemptsAt(tx, workstation.id)).get(passkeyId) ?? 0
  const now = Math.max(before, Math.min(failed_attempts, limit))
  const row = { failed_attempts: now, at }
  await tx
    .insertInto('offline_attempts')
    .values({ workstation_id: workstation.id, passkey_id: passkeyId, ...row })
    .onConflict((conflict) => conflict.columns(['workstation_id', 'passkey_id']).doUpdateSet(row))
    .execute()
  if (before >= limit || now < limit) return
  await record(tx, 'offline.locked-out', {
    outcome: 8,
    actor: passkey.person_id,
    workstation: workstation.id,
    detail: { passkey: passkeyId, attempts: now, journal: journalId },
  })
}

/** A proof of this workstation's own journal. */
export async function takeBackAttempts(
  { tx }: Pick<Unit, 'tx'>,
  { workstationId, passkeyId }: { readonly workstationId: string; readonly passkeyId: string },
): Promise<void> {
  await tx
    .deleteFrom('offline_attempts')
    .where('workstation_id', '=', workstationId)
    .where('passkey_id', '=', passkeyId)
    .execute()
}
