import type { Services } from '../services.ts'
import { changeGroup, createGroup, deleteGroup } from './group-writes.ts'
import { shows } from './projection.ts'
import { groupsIn } from './group-source.ts'
import { membersWanted } from './members-wanted.ts'
import type { ResourceActions, Stored } from './resource-routes.ts'
import { groupResource } from './resources.ts'
import { findGroup, type GroupRow, membersOfGroups } from './rows.ts'
import { groupType } from './schemas.ts'
import type { Settling } from './settle-people.ts'
import { invalidValue } from './values.ts'

/** Groups of the directory. `base`: URL of this SCIM service. */
export function groupActions(
  settling: Settling,
  { db, base }: Pick<Services, 'db'> & { readonly base: string },
): ResourceActions {
  const stored = async (
    from: Services['db']['read'],
    row: GroupRow,
    withMembers = true,
  ): Promise<Stored> => {
    const { group_id, version } = row
    const members = withMembers
      ? ((await membersOfGroups(from, [group_id])).get(group_id) ?? [])
      : null
    return { resource: groupResource(row, members, base), version }
  }
  return {
    reading: {
      type: groupType,
      seal() {
        throw invalidValue('A Group has no badges.')
      },
    },
    source: (query) => groupsIn(db.read, base, membersWanted(query)),
    async read(id, projection) {
      const row = await findGroup(db.read, id)
      return row && stored(db.read, row, shows(projection, 'members'))
    },
    create: async (work, creation) => stored(work.tx, await createGroup(settling, work, creation)),
    change: async (work, change) => stored(work.tx, await changeGroup(settling, work, change)),
    remove: (work, removal) => deleteGroup(settling, work, removal),
    keep: (_before, after) => after,
  }
}
