import { CallFailure, type Handlers } from '../context.ts'
import type { Services } from '../services.ts'
import { liveSessionHere } from '../sessions/session-rows.ts'
import { revokePasskey } from './revoke-passkey.ts'

/** One's own passkeys. */
export function createPasskeys(
  services: Services,
): Pick<Handlers, 'passkeys.list' | 'passkeys.revoke'> {
  const { policy, unit } = services
  return {
    async 'passkeys.list'({ sessionId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        const rows = await tx
          .selectFrom('passkeys')
          .selectAll()
          .where('person_id', '=', session.person_id)
          .where('revoked_at', 'is', null)
          .orderBy('created_at')
          .execute()
        return {
          passkeys: rows.map((row) => ({
            passkeyId: row.passkey_id,
            name: row.name,
            createdAt: row.created_at,
            lastUsedAt: row.last_used_at,
            synced: row.backup_eligible === 1,
          })),
        }
      })
    },

    async 'passkeys.revoke'({ sessionId, passkeyId }, { workstation }) {
      return unit(async (work) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(work.tx, key, policy, work.now)
        if (session.aal < 2)
          throw new CallFailure('conflict', 'Revoking a passkey needs a session with a passkey.')
        const because = 'asked'
        if (!(await revokePasskey(services, work, { session, passkeyId, workstation, because })))
          throw new CallFailure('not-found', 'No such passkey of this person.')
        return {}
      })
    },
  }
}
