import { sql } from 'kysely'
import type { Database } from '../../main/store/port.ts'

/** The first steps of the schema: before roaming, when a person could be active several times. */
export const oldSteps = 6

const session = (id: string, person: string, at: string, startedAt: number) => sql`
  insert into sessions (session_id, person_id, workstation_id, workstation_name, kind, scope, aal,
    amr, verified_at, started_at, ends_at, last_activity_at, applications)
  values (${id}, ${person}, ${at}, ${at}, 'standard', 'full', 2, '["pin"]', ${startedAt},
    ${startedAt}, 9000, ${startedAt}, '["ehr"]')
`

/** What a house had in its database that upgrades at work: Maria is active twice, Tom once. */
export async function fillOldHouse(old: Pick<Database, 'write'>): Promise<void> {
  await old.write(async (tx) => {
    for (const person of ['maria', 'tom'])
      await sql`
        insert into people (person_id, given, family, role, user_handle, applications)
        values (${person}, ${person}, 'Example', 'nurse', ${person}, '["ehr"]')
      `.execute(tx)
    await session('left', 'maria', 'ws-1', 100).execute(tx)
    await session('at-work', 'maria', 'ws-2', 200).execute(tx)
    await session('tom-at-work', 'tom', 'ws-1', 50).execute(tx)
    await sql`
      insert into overrides (override_id, session_id, person_id, patient, reason, started_at, ends_at)
      values ('granted', 'at-work', 'maria', 'P-1', 'other', 210, 9000)
    `.execute(tx)
  })
}

/** Who is at work after the upgrade, and with what. */
export async function atWork({ read }: Pick<Database, 'read'>) {
  const live = await read
    .selectFrom('sessions')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('session_id')
    .execute()
  const overrides = await read
    .selectFrom('overrides')
    .selectAll()
    .where('ended_at', 'is', null)
    .execute()
  return { live, overrides }
}

export const whoIsAtWork = ['at-work', 'tom-at-work']
