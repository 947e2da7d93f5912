import { z } from 'zod'
import type { Tx } from '../../store/port.ts'
import { CallFailure, type Handlers } from '../context.ts'
import type { Services } from '../services.ts'
import { findKey, whyNot } from './key-standing.ts'
import { keepKey, verifyNewKeyProof } from './new-key.ts'
import { useOnce } from './used-once.ts'

/** The old key goes this long after it was replaced, ms, used or not. */
const oldKeyLife = 24 * 3_600_000

const claimsSchema = z.looseObject({
  iss: z.string(),
  /** The key that this one replaces, by which the caller proved itself. */
  replaces: z.string(),
})

const refused = (message: string) => new CallFailure('conflict', message)

/**
 * `machine.rotate`: the proof is by the new key, over the old one and the workstation, so that nobody
 * can have a key of somebody else taken for theirs. Both are good until the old one goes.
 */
export function createRotate({
  unit,
  record,
  now,
  issuer,
  policy,
}: Pick<Services, 'unit' | 'record' | 'now' | 'issuer' | 'policy'>): Handlers['machine.rotate'] {
  return async ({ proof }, { workstation, keyId }) => {
    if (keyId === undefined)
      throw new CallFailure('not-found', 'The agent of an embedded authority has no key.')
    const found = await verifyNewKeyProof(proof, {
      typ: 'lanyard-rotate+jwt',
      claims: claimsSchema,
      issuer,
      now: now(),
    })
    const right =
      found.ok &&
      found.claims.iss === workstation.id &&
      found.claims.replaces === keyId &&
      found.keyId !== keyId
    if (!right) throw new CallFailure('bad-request', 'This is no proof by a new key.')

    return unit(async ({ tx, now: at }) => {
      if (!(await useOnce(tx, { ...found, kind: 'rotate' })))
        throw refused('This proof was used before.')
      const old = await findKey(tx, keyId)
      if (!old || whyNot(old, at) !== null) throw refused('The old key is not good any more.')
      if (old.clonedAt !== null)
        throw refused('Two machines use this key. Enrol this workstation anew.')
      const answer = { keyId: found.keyId, rotateAt: at + policy['machine.keyLife'] }
      // The answer was lost on its way, and the same key is sent again.
      if (old.replacedBy === found.keyId) return answer
      if (await findKey(tx, found.keyId)) throw refused('That key is no new one.')
      if (old.replacedBy !== null) await giveUp(tx, old.replacedBy, at)
      await keepKey(tx, found, { workstationId: workstation.id, at })
      await tx
        .updateTable('workstation_keys')
        .set({ replaced_by: found.keyId, retires_at: at + oldKeyLife })
        .where('key_id', '=', keyId)
        .execute()
      await record(tx, 'workstation.key-rotated', {
        workstation: workstation.id,
        detail: { key: found.keyId, replaces: keyId },
      })
      return answer
    })
  }
}

/** A rotation that was begun and not gone on with; a key that was used is nobody's to give up. */
async function giveUp(tx: Tx, keyId: string, at: number): Promise<void> {
  const given = await tx
    .updateTable('workstation_keys')
    .set({ revoked_at: at })
    .where('key_id', '=', keyId)
    .where('first_used_at', 'is', null)
    .returning('key_id')
    .executeTakeFirst()
  if (!given) throw refused('This key was replaced, and its successor is in use.')
}
