import { engineOf } from '../store/engine.ts'
import type { Database, WriteOptions } from '../store/port.ts'

/**
 * For a write that looks at nothing but one person (badges, passkeys, sessions and what hangs on
 * them) and one workstation (taps, challenges): others go on beside it. All that looks at more
 * names nothing, and runs alone.
 */
export const lockOf = ({
  personId,
  workstationId,
}: {
  readonly personId: string | null
  readonly workstationId: string
}): Pick<WriteOptions, 'lock'> => ({
  lock: [`workstation:${workstationId}`, ...(personId === null ? [] : [`person:${personId}`])],
})

/** As `lockOf`, for a session at its workstation: whose it is and where never changes. */
export async function lockOfSession(
  { read }: Pick<Database, 'read'>,
  { sessionId, workstationId }: { readonly sessionId: string; readonly workstationId: string },
): Promise<Pick<WriteOptions, 'lock'>> {
  if (engineOf(read) === 'sqlite') return {}
  const row = await read
    .selectFrom('sessions')
    .select('person_id')
    .where('session_id', '=', sessionId)
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
  return lockOf({ personId: row?.person_id ?? null, workstationId })
}

/** As `lockOf`, for a tap: whom it identified never changes. */
export async function lockOfTap(
  { read }: Pick<Database, 'read'>,
  { tapId, workstationId }: { readonly tapId: string; readonly workstationId: string },
): Promise<Pick<WriteOptions, 'lock'>> {
  if (engineOf(read) === 'sqlite') return {}
  const row = await read
    .selectFrom('taps')
    .select('person_id')
    .where('tap_id', '=', tapId)
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
  return lockOf({ personId: row?.person_id ?? null, workstationId })
}
