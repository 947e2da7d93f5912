import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../../store/schema/index.ts'
import type { Services } from '../services.ts'
import type { Tx } from '../../store/port.ts'
import { sha256 } from './dpop.ts'
import { findKey } from './key-standing.ts'
import { keepKey, verifyNewKeyProof } from './new-key.ts'
import { useOnce } from './used-once.ts'

/** The same machine may ask again for so long when it did not hear the answer, ms. */
const mayAskAgain = 10 * 60_000

const claimsSchema = z.looseObject({ token_hash: z.string() })

export const enrolRequestSchema = z.strictObject({
  token: z.string().min(1).max(128),
  /** `lanyard-enrol+jwt` by the new key: `aud` the authority, `token_hash` SHA-256 of the token. */
  proof: z.string().max(4096),
})

export type EnrolRefusal =
  | 'proof-invalid'
  | 'clock'
  | 'token-unknown'
  | 'token-expired'
  | 'token-used'
  | 'disabled'
  | 'replayed'

export type Enrolled =
  | {
      readonly outcome: 'enrolled'
      readonly workstation: { readonly id: string; readonly name: string; readonly place: string }
      readonly keyId: string
      /** The key is to be changed from then on, ms. */
      readonly rotateAt: number
    }
  | { readonly outcome: 'refused'; readonly reason: EnrolRefusal }

/**
 * Takes the key of a machine that shows a token for it. The key signs over the token, so whoever sees
 * the request can enrol no other key with it. Keys from before are revoked, with their tokens.
 */
export function createEnrol({
  db,
  record,
  unit,
  now,
  issuer,
  policy,
}: Pick<Services, 'db' | 'record' | 'unit' | 'now' | 'issuer' | 'policy'>) {
  const refused = (reason: EnrolRefusal): Enrolled => ({ outcome: 'refused', reason })

  return async ({ token, proof }: z.output<typeof enrolRequestSchema>): Promise<Enrolled> => {
    const found = await verifyNewKeyProof(proof, {
      typ: 'lanyard-enrol+jwt',
      claims: claimsSchema,
      issuer,
      now: now(),
    })
    if (!found.ok) return refused(found.reason === 'clock' ? 'clock' : 'proof-invalid')
    const hash = sha256(token)
    if (found.claims.token_hash !== hash) return refused('proof-invalid')
    // Whoever guesses writes nothing: neither to the log nor to what has to be remembered.
    if (!(await isIssued(db.read, hash))) return refused('token-unknown')

    return unit(async ({ tx, now: at }) => {
      if (!(await useOnce(tx, { ...found, kind: 'enrol' }))) return refused('replayed')
      const row = await tx
        .selectFrom('workstation_enrolments as e')
        .innerJoin('workstations as w', 'w.workstation_id', 'e.workstation_id')
        .select(['e.expires_at', 'e.used_at', 'e.used_by'])
        .select(['w.workstation_id', 'w.name', 'w.place', 'w.status'])
        .where('e.token_hash', '=', hash)
        .executeTakeFirst()
      if (!row) return refused('token-unknown')
      const { workstation_id: id, name, place } = row
      const enrolled: Enrolled = {
        outcome: 'enrolled',
        workstation: { id, name, place },
        keyId: found.keyId,
        rotateAt: at + policy['machine.keyLife'],
      }
      const refuse = async (reason: EnrolRefusal) => {
        const entry = { outcome: 8, workstation: id, detail: { reason } } as const
        await record(tx, 'workstation.refused', entry)
        return refused(reason)
      }
      if (row.status !== 'active') return refuse('disabled')
      if (row.used_at !== null) {
        const heard = row.used_by !== found.keyId || row.used_at + mayAskAgain < at
        return heard || ((await findKey(tx, found.keyId))?.revoked ?? true)
          ? refuse('token-used')
          : enrolled
      }
      if (row.expires_at <= at) return refuse('token-expired')
      // A machine that enrols makes a new key; one that was seen before may be in other hands.
      if (await findKey(tx, found.keyId)) return refuse('proof-invalid')
      const used = await tx
        .updateTable('workstation_enrolments')
        .set({ used_at: at, used_by: found.keyId })
        .where('token_hash', '=', hash)
        .where('used_at', 'is', null)
        .returning('token_hash')
        .executeTakeFirst()
      if (!used) return refuse('token-used')
      await forgetKeys(tx, id, at)
      await keepKey(tx, found, { workstationId: id, at })
      await record(tx, 'workstation.enrolled', { workstation: id, detail: { key: found.keyId } })
      return enrolled
    })
  }
}

/** The key that comes is the only one of its workstation. */
async function forgetKeys(tx: Tx, id: string, at: number): Promise<void> {
  await tx
    .updateTable('workstation_keys')
    .set({ revoked_at: at })
    .where('workstation_id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
  await tx.deleteFrom('machine_tokens').where('workstation_id', '=', id).execute()
}

async function isIssued(db: Kysely<Schema>, hash: string): Promise<boolean> {
  const token = await db
    .selectFrom('workstation_enrolments')
    .select('token_hash')
    .where('token_hash', '=', hash)
    .executeTakeFirst()
  return token !== undefined
}
