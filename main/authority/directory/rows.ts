import type { Kysely, Selectable } from 'kysely'
import type { DirectoryGroupTable, DirectoryUserTable } from '../../store/schema/directory.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { JsonObject } from './attributes.ts'

export type UserRow = Readonly<Selectable<DirectoryUserTable>>
export type GroupRow = Readonly<Selectable<DirectoryGroupTable>>
/** A group as its member tells it. */
export type GroupOfUser = Pick<GroupRow, 'group_id' | 'display_name' | 'external_id'>

/** As many ids as one query takes. */
export const chunk = 500

export const chunksOf = <T>(list: readonly T[]): T[][] => partsOf(list, chunk)

export function partsOf<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size))
  return parts
}

/** Of a query that selects nothing but ids, as `id`. */
export const idsOf = (found: readonly { readonly id: string }[]): readonly string[] =>
  found.map(({ id }) => id)

export const documentOf = ({ document }: Pick<UserRow, 'document'>): JsonObject =>
  JSON.parse(document) as JsonObject

/** A user that is not deleted, or null. */
export async function findUser(db: Kysely<Schema>, userId: string): Promise<UserRow | null> {
  const row = await db
    .selectFrom('directory_users')
    .selectAll()
    .where('user_id', '=', userId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

export async function findGroup(db: Kysely<Schema>, groupId: string): Promise<GroupRow | null> {
  const row = await db
    .selectFrom('directory_groups')
    .selectAll()
    .where('group_id', '=', groupId)
    .executeTakeFirst()
  return row ?? null
}

/** The groups of each of these users, by name; at most `chunk` users. */
export async function groupsOfUsers(
  db: Kysely<Schema>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly GroupOfUser[]>> {
  const groups = new Map<string, GroupOfUser[]>(userIds.map((id) => [id, []]))
  if (userIds.length === 0) return groups
  const rows = await db
    .selectFrom('directory_members')
    .innerJoin('directory_groups', 'directory_groups.group_id', 'directory_members.group_id')
    .select([
      'directory_members.user_id',
      'directory_groups.group_id',
      'directory_groups.display_name',
      'directory_groups.external_id',
    ])
    .where('directory_members.user_id', 'in', userIds)
    .orderBy('directory_groups.display_name')
    .orderBy('directory_groups.group_id')
    .execute()
  for (const { user_id, ...group } of rows) groups.get(user_id)?.push(group)
  return groups
}

/** User ids of the members of each of these groups, at most `chunk`; `among`: of these users only. */
export async function membersOfGroups(
  db: Kysely<Schema>,
  groupIds: readonly string[],
  among: readonly string[] | null = null,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const members = new Map<string, string[]>(groupIds.map((id) => [id, []]))
  if (groupIds.length === 0) return members
  const rows = await db
    .selectFrom('directory_members')
    .selectAll()
    .where('group_id', 'in', groupIds)
    .$if(among !== null, (rows) => rows.where('user_id', 'in', among ?? []))
    .orderBy('user_id')
    .execute()
  for (const { group_id, user_id } of rows) members.get(group_id)?.push(user_id)
  return members
}
