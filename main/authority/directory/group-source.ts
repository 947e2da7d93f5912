import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import { foldedKey } from './keys.ts'
import type { MembersWanted } from './members-wanted.ts'
import { groupResource } from './resources.ts'
import { type GroupRow, idsOf, membersOfGroups } from './rows.ts'
import { groupType } from './schemas.ts'
import { type Source, sourceOf } from './sources.ts'

/** Groups with the members that are wanted. `base`: URL of this SCIM service. */
export function groupsIn(db: Kysely<Schema>, base: string, wanted: MembersWanted): Source {
  const inOrder = () =>
    db.selectFrom('directory_groups').selectAll().orderBy('created_at').orderBy('group_id')
  const ids = () => db.selectFrom('directory_groups').select('group_id as id')

  return sourceOf<GroupRow>({
    type: groupType,
    // Each may have thousands of members.
    part: 50,
    counted: () => db.selectFrom('directory_groups').select(({ fn }) => fn.countAll().as('n')),
    rows: (limit) => inOrder().limit(limit),
    rowsAfter: ({ created_at, group_id }, limit) =>
      inOrder()
        .where((eb) =>
          eb(eb.refTuple('created_at', 'group_id'), '>', eb.tuple(created_at, group_id)),
        )
        .limit(limit),
    rowsOf: (of) => inOrder().where('group_id', 'in', of),
    async resources(rows) {
      if (wanted === 'none') return rows.map((row) => groupResource(row, null, base))
      const members = await membersOfGroups(
        db,
        rows.map(({ group_id }) => group_id),
        wanted === 'all' ? null : wanted.among,
      )
      return rows.map((row) => groupResource(row, members.get(row.group_id) ?? [], base))
    },
    finders: {
      id: async (value) => [value],
      externalId: async (value, limit) =>
        idsOf(await ids().where('external_id', '=', value).limit(limit).execute()),
      displayName: async (value, limit) =>
        idsOf(await ids().where('display_key', '=', foldedKey(value)).limit(limit).execute()),
      'members.value': async (value, limit) =>
        idsOf(
          await db
            .selectFrom('directory_members')
            .select('group_id as id')
            .where('user_id', '=', value)
            .limit(limit)
            .execute(),
        ),
    },
  })
}
