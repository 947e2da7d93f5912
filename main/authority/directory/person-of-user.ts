import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import { nameKey } from './keys.ts'

/** Id of the person whose `userName` this is in the hospital's directory, in any case; or null. */
export async function personOfUser(db: Kysely<Schema>, userName: string): Promise<string | null> {
  const user = await db
    .selectFrom('directory_users')
    .select('person_id')
    .where('user_name_key', '=', nameKey(userName))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return user?.person_id ?? null
}
