import type { Services } from '../services.ts'
import { isObject, type Json, type JsonObject } from './attributes.ts'
import type { ResourceActions, Stored } from './resource-routes.ts'
import { userResource } from './resources.ts'
import { findUser, groupsOfUsers, type UserRow } from './rows.ts'
import { lanyardUserId, userType } from './schemas.ts'
import { sealBadge } from './seal-badge.ts'
import type { Settling } from './settle-people.ts'
import { usersIn } from './user-source.ts'
import { changeUser, createUser, deleteUser } from './user-writes.ts'

/** Users of the directory. `base`: URL of this SCIM service. */
export function userActions(
  settling: Settling,
  { db, base }: Pick<Services, 'db'> & { readonly base: string },
): ResourceActions {
  const stored = async (from: Services['db']['read'], row: UserRow): Promise<Stored> => {
    const groups = (await groupsOfUsers(from, [row.user_id])).get(row.user_id) ?? []
    return { resource: userResource(row, groups, base), version: row.version }
  }
  return {
    reading: { type: userType, seal: (badge) => sealBadge(settling.badgeKey, badge) },
    source: () => usersIn(db.read, base),
    async read(id) {
      const row = await findUser(db.read, id)
      return row && stored(db.read, row)
    },
    create: async (work, creation) => stored(work.tx, await createUser(settling, work, creation)),
    change: async (work, change) => stored(work.tx, await changeUser(settling, work, change)),
    remove: (work, removal) => deleteUser(settling, work, removal),
    keep: keepUser,
  }
}

/**
 * A PUT without `active` does not open a closed account, and one without badges takes none away: a
 * client never reads badges, so it cannot bring them back.
 */
function keepUser(before: JsonObject, after: JsonObject): JsonObject {
  const kept: Record<string, Json> = { ...after }
  kept['active'] ??= before['active'] ?? true
  const badges = isObject(after[lanyardUserId]) && after[lanyardUserId]['badges'] !== undefined
  const held = before[lanyardUserId]
  if (!badges && held !== undefined) kept[lanyardUserId] = held
  return kept
}
