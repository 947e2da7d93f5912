import type { Kysely } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import { type JsonObject, type ResourceType, textOf } from './attributes.ts'
import type { Filter } from './filter.ts'
import { groupResource, userResource } from './resources.ts'
import { chunk, type GroupRow, groupsOfUsers, membersOfGroups, type UserRow } from './rows.ts'
import { groupType, userType } from './schemas.ts'

/** What a database can look up quickly before a filter is applied to the rest. */
export interface Narrowing {
  readonly id?: string
  readonly externalId?: string
  readonly userName?: string
  readonly displayName?: string
}

/** Resources of one type in the order of their creation. */
export interface Source {
  readonly type: ResourceType
  count(): Promise<number>
  page(offset: number, limit: number): Promise<readonly JsonObject[]>
  /** All that fit the narrowing, in parts. */
  scan(narrowing: Narrowing): AsyncIterable<readonly JsonObject[]>
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>
}

/** What has to hold of everything that a filter finds. */
export function narrowingOf(filter: Filter | null): Narrowing {
  if (filter?.kind === 'and') return Object.assign({}, ...filter.of.map(narrowingOf))
  if (filter?.kind !== 'compare' || filter.comparator !== 'eq') return {}
  const { at, value } = filter
  if (typeof value !== 'string' || value === '' || at.extension !== null || at.sub !== null)
    return {}
  switch (at.name) {
    case 'id':
    case 'externalId':
    case 'userName':
    case 'displayName':
      return { [at.name]: value }
    default:
      return {}
  }
}

export function usersIn(db: Kysely<Schema>, base: string): Source {
  const rows = () =>
    db
      .selectFrom('directory_users')
      .selectAll()
      .where('deleted_at', 'is', null)
      .orderBy('created_at')
      .orderBy('user_id')
  const resources = async (users: readonly UserRow[]) => {
    const groups = await groupsOfUsers(
      db,
      users.map(({ user_id }) => user_id),
    )
    return users.map((user) => userResource(user, groups.get(user.user_id) ?? [], base))
  }

  return {
    type: userType,
    async count() {
      const { n } = await db
        .selectFrom('directory_users')
        .select(({ fn }) => fn.countAll().as('n'))
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(n)
    },
    page: async (offset, limit) => resources(await rows().limit(limit).offset(offset).execute()),
    async *scan({ id, externalId, userName }) {
      let narrowed = rows()
      if (id !== undefined) narrowed = narrowed.where('user_id', '=', id)
      if (externalId !== undefined) narrowed = narrowed.where('external_id', '=', externalId)
      if (userName !== undefined) narrowed = narrowed.where('user_name_key', '=', nameKey(userName))
      let last: UserRow | undefined
      do {
        const after = last
        const part = await (
          after
            ? narrowed.where((eb) =>
                eb.or([
                  eb('created_at', '>', after.created_at),
                  eb.and([
                    eb('created_at', '=', after.created_at),
                    eb('user_id', '>', after.user_id),
                  ]),
                ]),
              )
            : narrowed
        )
          .limit(chunk)
          .execute()
        if (part.length > 0) yield await resources(part)
        last = part.length < chunk ? undefined : part.at(-1)
      } while (last)
    },
    async byIds(ids) {
      const found = await resources(await rows().where('user_id', 'in', ids).execute())
      return byId(found)
    },
  }
}

/** `members`: whether they are wanted at all; a group may have thousands. */
export function groupsIn(db: Kysely<Schema>, base: string, members: boolean): Source {
  const rows = () =>
    db.selectFrom('directory_groups').selectAll().orderBy('created_at').orderBy('group_id')
  const resources = async (groups: readonly GroupRow[]) => {
    const ids = groups.map(({ group_id }) => group_id)
    const all = members ? await membersOfGroups(db, ids) : null
    return groups.map((group) => groupResource(group, all?.get(group.group_id) ?? null, base))
  }

  return {
    type: groupType,
    async count() {
      const { n } = await db
        .selectFrom('directory_groups')
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
      return Number(n)
    },
    page: async (offset, limit) => resources(await rows().limit(limit).offset(offset).execute()),
    async *scan({ id, externalId }) {
      let narrowed = rows()
      if (id !== undefined) narrowed = narrowed.where('group_id', '=', id)
      if (externalId !== undefined) narrowed = narrowed.where('external_id', '=', externalId)
      // A hospital has some hundred groups, so that an offset is no burden.
      for (let offset = 0; ; offset += groupChunk) {
        const part = await narrowed.limit(groupChunk).offset(offset).execute()
        if (part.length > 0) yield await resources(part)
        if (part.length < groupChunk) return
      }
    },
    async byIds(ids) {
      return byId(await resources(await rows().where('group_id', 'in', ids).execute()))
    },
  }
}

const groupChunk = 50

const byId = (resources: readonly JsonObject[]): ReadonlyMap<string, JsonObject> =>
  new Map(resources.map((resource) => [textOf(resource, 'id'), resource]))

/** `userName` as it is compared and kept unique. */
export const nameKey = (userName: string): string => userName.normalize('NFKC').trim().toLowerCase()
