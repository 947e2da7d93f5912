import type { Tx } from '../../store/port.ts'
import { padded } from '../in-lots.ts'
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
export async function useOnce(tx: Tx, used: Used): Promise<boolean> {
  const [first = false] = await useEachOnce(tx, [used])
  return first
}

/** As `useOnce`, for proofs that differ. */
export async function useEachOnce(tx: Tx, used: readonly Used[]): Promise<readonly boolean[]> {
  const hashes = used.map(hashOf)
  const values = used
    .map((one, at) => ({ proof_hash: hashes[at] ?? '', expires_at: one.staleAt }))
    // In one order at all nodes, or they wait for each other.
    .toSorted((a, b) => (a.proof_hash < b.proof_hash ? -1 : 1))
  const rows = await tx
    .insertInto('used_proofs')
    .values(padded(values))
    .onConflict((conflict) => conflict.column('proof_hash').doNothing())
    .returning('proof_hash')
    .execute()
  const first = new Set(rows.map(({ proof_hash }) => proof_hash))
  return hashes.map((hash) => first.has(hash))
}

/** By which a proof is known. */
export const hashOf = ({ kind, keyId, jti }: Used): string => sha256(`${kind}|${keyId}|${jti}`)
