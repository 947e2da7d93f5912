import { z } from 'zod'
import type { Tx } from '../../store/port.ts'
import { type OwnKeyProof, type OwnKeyProofOptions, verifyOwnKeyProof } from './own-key-proof.ts'

type Genuine<C> = Extract<OwnKeyProof<C>, { ok: true }>

const audienceSchema = z.looseObject({ aud: z.string() })

/** A proof by a key that a machine wants to be known by, for this authority alone. */
export async function verifyNewKeyProof<S extends z.ZodObject>(
  proof: string,
  { claims, issuer, ...options }: OwnKeyProofOptions<S> & { readonly issuer: string },
): Promise<OwnKeyProof<z.output<S>>> {
  const found = await verifyOwnKeyProof(proof, {
    ...options,
    claims: z.intersection(audienceSchema, claims),
  })
  return found.ok && found.claims.aud !== issuer ? { ok: false, reason: 'invalid' } : found
}

/** From now on the key speaks for the workstation. */
export async function keepKey(
  tx: Tx,
  { key, keyId }: Pick<Genuine<unknown>, 'key' | 'keyId'>,
  { workstationId, at }: { readonly workstationId: string; readonly at: number },
): Promise<void> {
  await tx
    .insertInto('workstation_keys')
    .values({
      key_id: keyId,
      workstation_id: workstationId,
      jwk: JSON.stringify(key),
      created_at: at,
      first_used_at: null,
      replaced_by: null,
      retires_at: null,
      revoked_at: null,
      cloned_at: null,
    })
    .execute()
}
