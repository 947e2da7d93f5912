import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

export interface Revoking {
  readonly session: SessionRow
  readonly passkeyId: string
  readonly workstation: { readonly id: string; readonly name: string }
  readonly because: 'asked' | 'disputed'
}

/** Takes a passkey from the person of the session, records it and tells them; false: not theirs. */
export async function revokePasskey(
  services: Pick<Services, 'record' | 'policy' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { session, passkeyId, workstation, because }: Revoking,
): Promise<boolean> {
  const { tx, now } = work
  const personId = session.person_id
  const revoked = await tx
    .updateTable('passkeys')
    .set({ revoked_at: now })
    .where('passkey_id', '=', passkeyId)
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .returning('passkey_id')
    .executeTakeFirst()
  if (!revoked) return false
  await services.record(tx, 'passkey.revoked', {
    session,
    workstation: workstation.id,
    detail: { passkey: passkeyId, because },
  })
  await leaveNotice(services, work, {
    personId,
    kind: 'passkey-removed',
    about: passkeyId,
    place: workstation.name,
    by: session,
  })
  return true
}
