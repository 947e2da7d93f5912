import type { Json, JsonObject, ResourceType } from './attributes.ts'
import { documentOf, type GroupOfUser, type GroupRow, type UserRow } from './rows.ts'
import { groupType, userType } from './schemas.ts'

type Versioned = Pick<UserRow, 'version' | 'created_at' | 'changed_at'>

/** A weak validator: the same for the same representation, whatever was projected out of it. */
export const etagOf = ({ version }: Pick<Versioned, 'version'>): string => `W/"${version}"`

function metaOf(type: ResourceType, id: string, row: Versioned, base: string): JsonObject {
  return {
    resourceType: type.name,
    created: new Date(row.created_at).toISOString(),
    lastModified: new Date(row.changed_at).toISOString(),
    location: `${base}${type.endpoint}/${id}`,
    version: etagOf(row),
  }
}

/** A User as clients see it (RFC 7643, 4.1). `base`: URL of this SCIM service. */
export function userResource(
  row: UserRow,
  groups: readonly GroupOfUser[],
  base: string,
): JsonObject {
  const listed = groups.map(({ group_id, display_name }): JsonObject => ({
    value: group_id,
    $ref: `${base}${groupType.endpoint}/${group_id}`,
    display: display_name,
    type: 'direct',
  }))
  return {
    schemas: [userType.schema.id],
    id: row.user_id,
    ...documentOf(row),
    ...(listed.length === 0 ? {} : { groups: listed }),
    meta: metaOf(userType, row.user_id, row, base),
  }
}

/** A Group as clients see it (RFC 7643, 4.2); `members` null: not read. */
export function groupResource(
  row: GroupRow,
  members: readonly string[] | null,
  base: string,
): JsonObject {
  const listed = members?.map((value): Json => ({
    value,
    $ref: `${base}${userType.endpoint}/${value}`,
    type: 'User',
  }))
  return {
    schemas: [groupType.schema.id],
    id: row.group_id,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    displayName: row.display_name,
    ...(listed && listed.length > 0 ? { members: listed } : {}),
    meta: metaOf(groupType, row.group_id, row, base),
  }
}
