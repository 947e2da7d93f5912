import type { Tx } from '../../store/port.ts'
import { sha256 } from './dpop.ts'

export interface Used {
  /** What the proof is for, so that one kind never uses up another. */
  readonly kind: 'dpop' | 'assertion' | 'enrol' | 'rotate'
  readonly keyId: string
  readonly jti: string
  /** From then on it is refused for its age, ms. */
  readonly staleAt: number
}

/** Uses a proof up; false when it was used before, on whatever node. */
export async function useOnce(tx: Tx, { kind, keyId, jti, staleAt }: Used): Promise<boolean> {
  const first = await tx
    .insertInto('used_proofs')
    .values({ proof_hash: sha256(`${kind}|${keyId}|${jti}`), expires_at: staleAt })
    .onConflict((conflict) => conflict.column('proof_hash').doNothing())
    .returning('proof_hash')
    .executeTakeFirst()
  return first !== undefined
}
