import { engineOf } from '../store/engine.ts'
import type { Database, WriteOptions } from '../store/port.ts'
import type { RunUnit, Unit } from './unit-of-work.ts'

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
  // Its report may be on its way, together with this: whose it is, is known only behind it.
  return row ? lockOf({ personId: row.person_id, workstationId }) : {}
}

/** More people than this are not named one by one: each lock takes a place in the server's memory. */
const mostNamed = 64

/** Says that a write goes on to what belongs to these people, too. */
export type Reach = (people: Iterable<string>) => void
export const anybody: Reach = () => {}

/** A write with named locks came to people whom it had not named. */
class NotNamed extends Error {}

/**
 * For a write at one workstation that looks at several people, who are read before it begins. It says
 * whom it reaches before it touches what is theirs. Where that is somebody who was not named, nothing
 * of it is kept, and it runs once more, alone.
 */
export async function unitWithPeople<T>(
  { unit, db }: { readonly unit: RunUnit; readonly db: Pick<Database, 'read'> },
  { people, workstationId }: { readonly people: Iterable<string>; readonly workstationId: string },
  work: (unit: Unit, reach: Reach) => Promise<T>,
  options: WriteOptions,
): Promise<T> {
  const named = new Set(people)
  const alone = () => unit((each) => work(each, anybody), options)
  if (engineOf(db.read) === 'sqlite' || named.size > mostNamed) return alone()
  const reach: Reach = (others) => {
    for (const one of others) if (!named.has(one)) throw new NotNamed('reaches further than named')
  }
  const locks = [null, ...named].flatMap(
    (personId) => lockOf({ personId, workstationId }).lock ?? [],
  )
  try {
    return await unit((each) => work(each, reach), { ...options, lock: locks })
  } catch (error) {
    if (!(error instanceof NotNamed)) throw error
    return alone()
  }
}
