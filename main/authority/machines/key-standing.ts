import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import { padded } from '../in-lots.ts'
import { plainKey, type PublicKey, publicKeySchema } from './public-key.ts'

/** A key with the workstation that it stands for. */
export interface KnownKey {
  readonly keyId: string
  readonly key: PublicKey
  readonly workstation: { readonly id: string; readonly name: string }
  readonly disabled: boolean
  readonly revoked: boolean
  readonly retiresAt: number | null
  readonly replacedBy: string | null
  readonly clonedAt: number | null
  readonly firstUsedAt: number | null
}

export async function findKey(db: Kysely<Schema>, keyId: string): Promise<KnownKey | null> {
  return (await findKeys(db, [keyId])).get(keyId) ?? null
}

/** By the id of each that is known. */
export async function findKeys(
  db: Kysely<Schema>,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, KnownKey>> {
  if (keyIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('workstation_keys as k')
    .innerJoin('workstations as w', 'w.workstation_id', 'k.workstation_id')
    .select(['k.key_id', 'k.jwk', 'k.revoked_at', 'k.retires_at', 'k.replaced_by', 'k.cloned_at'])
    .select(['k.first_used_at', 'w.workstation_id', 'w.name', 'w.status'])
    .where('k.key_id', 'in', padded(keyIds))
    .execute()
  return new Map(
    rows.map((row) => [
      row.key_id,
      {
        keyId: row.key_id,
        key: plainKey(publicKeySchema.parse(JSON.parse(row.jwk))),
        workstation: { id: row.workstation_id, name: row.name },
        disabled: row.status !== 'active',
        revoked: row.revoked_at !== null,
        retiresAt: row.retires_at,
        replacedBy: row.replaced_by,
        clonedAt: row.cloned_at,
        firstUsedAt: row.first_used_at,
      },
    ]),
  )
}

/** Why a key that is known proves nothing at present; null: it does. */
export function whyNot(
  { disabled, revoked, retiresAt }: Pick<KnownKey, 'disabled' | 'revoked' | 'retiresAt'>,
  now: number,
): 'disabled' | 'revoked' | 'retired' | null {
  if (disabled) return 'disabled'
  if (revoked) return 'revoked'
  return retiresAt !== null && retiresAt <= now ? 'retired' : null
}
