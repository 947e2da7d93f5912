import type { Tx } from '../../store/port.ts'
import type { SessionRow } from '../sessions/session-views.ts'

/**
 * Of a passkey enrolled with a code, the session that begins with it is not told before it has been
 * verified anew: whoever enrolled it knows, and could wave the notice away if it was not the person.
 */
export async function holdBackFirst(
  tx: Tx,
  session: Pick<SessionRow, 'session_id' | 'person_id' | 'verified_at'>,
  passkeyId: string,
): Promise<void> {
  await tx
    .updateTable('notices')
    .set({ session_id: session.session_id, verified_at: session.verified_at })
    .where('person_id', '=', session.person_id)
    .where('kind', '=', 'passkey-added')
    .where('about', '=', passkeyId)
    .where('session_id', 'is', null)
    .where('answered_at', 'is', null)
    .execute()
}
