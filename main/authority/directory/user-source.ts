import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import { foldedKey, nameKey } from './keys.ts'
import { userResource } from './resources.ts'
import { chunk, groupsOfUsers, idsOf, type UserRow } from './rows.ts'
import { userType } from './schemas.ts'
import { type Source, sourceOf } from './sources.ts'

/** Users that are not deleted. `base`: URL of this SCIM service. */
export function usersIn(db: Kysely<Schema>, base: string): Source {
  const present = () => db.selectFrom('directory_users').where('deleted_at', 'is', null)
  const inOrder = () => present().selectAll().orderBy('created_at').orderBy('user_id')
  const ids = () => present().select('user_id as id')

  return sourceOf<UserRow>({
    type: userType,
    part: chunk,
    counted: () => present().select(({ fn }) => fn.countAll().as('n')),
    rows: (limit) => inOrder().limit(limit),
    rowsAfter: ({ created_at, user_id }, limit) =>
      inOrder()
        .where((eb) => eb(eb.refTuple('created_at', 'user_id'), '>', eb.tuple(created_at, user_id)))
        .limit(limit),
    rowsOf: (wanted) => inOrder().where('user_id', 'in', wanted),
    async resources(rows) {
      const groups = await groupsOfUsers(
        db,
        rows.map(({ user_id }) => user_id),
      )
      return rows.map((row) => userResource(row, groups.get(row.user_id) ?? [], base))
    },
    finders: {
      id: async (value) => [value],
      userName: async (value, limit) =>
        idsOf(await ids().where('user_name_key', '=', nameKey(value)).limit(limit).execute()),
      externalId: async (value, limit) =>
        idsOf(await ids().where('external_id', '=', value).limit(limit).execute()),
      'emails.value': async (value, limit) =>
        idsOf(
          await db
            .selectFrom('directory_emails')
            .select('user_id as id')
            .where('value_key', '=', foldedKey(value))
            .limit(limit)
            .execute(),
        ),
      'groups.value': async (value, limit) =>
        idsOf(
          await db
            .selectFrom('directory_members')
            .select('user_id as id')
            .where('group_id', '=', value)
            .limit(limit)
            .execute(),
        ),
    },
  })
}
