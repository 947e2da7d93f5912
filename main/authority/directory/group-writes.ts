import { isObject, type Json, type JsonObject, textOf } from './attributes.ts'
import {
  type Change,
  changeable,
  type Creation,
  recordChange,
  type Removal,
  type Work,
} from './changes.ts'
import { externalIdOf, foldedKey } from './keys.ts'
import { isMapped } from './mapping.ts'
import { chunksOf, findGroup, type GroupRow, membersOfGroups } from './rows.ts'
import { groupType } from './schemas.ts'
import { type Settling, settlePeople } from './settle-people.ts'
import { invalidValue } from './values.ts'

/** Members by their `value`; only Users of this service are members. */
function memberIds({ members }: JsonObject): string[] {
  if (!Array.isArray(members)) return []
  const ids = members.map((member: Json) => {
    const value = isObject(member) ? member['value'] : undefined
    const type = isObject(member) ? (member['type'] ?? 'User') : 'User'
    if (typeof value !== 'string' || value === '') throw invalidValue('A member has a "value".')
    if (typeof type !== 'string' || type.toLowerCase() !== 'user')
      throw invalidValue('Members are Users; groups in groups are not supported.')
    return value
  })
  return [...new Set(ids)]
}

const namedBy = (display_name: string) => ({ display_name, display_key: foldedKey(display_name) })

/** Adds a Group and gives its members what it means. Throws a ScimError. */
export async function createGroup(
  settling: Settling,
  work: Work,
  { document, machine }: Creation,
): Promise<GroupRow> {
  const { tx, now } = work
  const row: GroupRow = {
    group_id: settling.randomId(),
    external_id: externalIdOf(document),
    ...namedBy(textOf(document, 'displayName')),
    version: 1,
    created_at: now,
    changed_at: now,
  }
  await tx.insertInto('directory_groups').values(row).execute()
  await recordChange(settling, tx, {
    resource: 'group',
    id: row.group_id,
    change: 'created',
    machine,
  })
  const added = memberIds(document)
  await addMembers(work, row.group_id, added)
  if (isMapped(settling.config, row))
    await settlePeople(settling, work, { userIds: added, machine })
  return row
}

/** Writes what `change` makes of a Group; as it is, when that is the same. Throws a ScimError. */
export async function changeGroup(
  settling: Settling,
  work: Work,
  { id, change, how, precondition, machine }: Change,
): Promise<GroupRow> {
  const { tx, now } = work
  const row = changeable(await findGroup(tx, id), groupType, precondition)
  const members = (await membersOfGroups(tx, [id])).get(id) ?? []
  const after = change({
    displayName: row.display_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(members.length === 0 ? {} : { members: members.map((value) => ({ value })) }),
  })
  const { display_name, display_key } = namedBy(textOf(after, 'displayName'))
  const external_id = externalIdOf(after)
  const before = new Set(members)
  const wanted = new Set(memberIds(after))
  const added = [...wanted].filter((id) => !before.has(id))
  const removed = members.filter((id) => !wanted.has(id))
  const renamed = display_name !== row.display_name || external_id !== row.external_id
  if (!renamed && added.length === 0 && removed.length === 0) return row

  const next: GroupRow = {
    ...row,
    display_name,
    display_key,
    external_id,
    version: row.version + 1,
    changed_at: now,
  }
  await tx
    .updateTable('directory_groups')
    .set({ display_name, display_key, external_id, version: next.version, changed_at: now })
    .where('group_id', '=', id)
    .execute()
  await recordChange(settling, tx, {
    resource: 'group',
    id,
    change: how,
    machine,
    added: added.length,
    removed: removed.length,
  })
  await addMembers(work, id, added)
  await removeMembers(work, id, removed)
  // Whoever stays tells the new name as well.
  if (renamed)
    await touchUsers(
      work,
      members.filter((id) => wanted.has(id)),
    )
  const concerned = renamed ? [...wanted, ...removed] : [...added, ...removed]
  if (isMapped(settling.config, row) || isMapped(settling.config, next))
    await settlePeople(settling, work, { userIds: concerned, machine })
  return next
}

/** Deletes a Group; its members lose what it gave them. */
export async function deleteGroup(
  settling: Settling,
  work: Work,
  { id, precondition, machine }: Removal,
): Promise<void> {
  const { tx } = work
  const row = changeable(await findGroup(tx, id), groupType, precondition)
  const members = (await membersOfGroups(tx, [id])).get(id) ?? []
  await removeMembers(work, id, members)
  await tx.deleteFrom('directory_groups').where('group_id', '=', id).execute()
  await recordChange(settling, tx, { resource: 'group', id, change: 'deleted', machine })
  if (isMapped(settling.config, row))
    await settlePeople(settling, work, { userIds: members, machine })
}

async function addMembers(work: Work, groupId: string, userIds: readonly string[]): Promise<void> {
  for (const ids of chunksOf(userIds)) {
    const known = await work.tx
      .selectFrom('directory_users')
      .select('user_id')
      .where('user_id', 'in', ids)
      .where('deleted_at', 'is', null)
      .execute()
    if (known.length !== ids.length) throw invalidValue('A member is no User of this service.')
    await work.tx
      .insertInto('directory_members')
      .values(ids.map((user_id) => ({ group_id: groupId, user_id })))
      .execute()
  }
  await touchUsers(work, userIds)
}

async function removeMembers(
  work: Work,
  groupId: string,
  userIds: readonly string[],
): Promise<void> {
  for (const ids of chunksOf(userIds))
    await work.tx
      .deleteFrom('directory_members')
      .where('group_id', '=', groupId)
      .where('user_id', 'in', ids)
      .execute()
  await touchUsers(work, userIds)
}

/** The `groups` of these users are others now, and so is their version. */
async function touchUsers({ tx, now }: Work, userIds: readonly string[]): Promise<void> {
  for (const ids of chunksOf(userIds))
    await tx
      .updateTable('directory_users')
      .set((eb) => ({ version: eb('version', '+', 1), changed_at: now }))
      .where('user_id', 'in', ids)
      .execute()
}
