import type { Tx } from '../../store/port.ts'

/** Destroys what applications hold of a session: handles, codes and tokens. */
export async function forgetSession(tx: Tx, sessionId: string): Promise<void> {
  await tx.deleteFrom('oauth_record').where('session_id', '=', sessionId).execute()
  await tx.deleteFrom('oauth_launch').where('session_id', '=', sessionId).execute()
}
