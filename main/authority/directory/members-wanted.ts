import { type FilterSyntax, parseFilter } from './filter-syntax.ts'
import { projectionOf, shows } from './projection.ts'
import type { Query } from './query.ts'
import { groupType } from './schemas.ts'

/** Which members of groups have to be read: a group may have thousands. `among`: ids of users. */
export type MembersWanted = 'all' | 'none' | { readonly among: readonly string[] }

/** What an answer shows of members, or else what its filter and its order ask about them. */
export function membersWanted(query: Query): MembersWanted {
  const { filter, sortBy } = query
  if (shows(projectionOf(groupType, query), 'members')) return 'all'
  if (sortBy !== null && pathOf(sortBy) !== null) return 'all'
  const asked = filter === null ? [] : membersAsked(parseFilter(filter), '')
  if (asked === null) return 'all'
  return asked.length === 0 ? 'none' : { among: asked }
}

/** Ids that the filter compares members with; null where it asks more than whether they are members. */
function membersAsked(filter: FilterSyntax, prefix: string): readonly string[] | null {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const each = filter.of.map((one) => membersAsked(one, prefix))
      return each.every((ids) => ids !== null) ? each.flat() : null
    }
    case 'not':
      return membersAsked(filter.of, prefix)
    case 'some':
      return pathOf(filter.path) === null ? [] : membersAsked(filter.of, 'members.')
    case 'present':
      return pathOf(`${prefix}${filter.path}`) === null ? [] : null
    case 'compare': {
      const path = pathOf(`${prefix}${filter.path}`)
      if (path === null) return []
      const { comparator, value } = filter
      if (path === 'other' || comparator !== 'eq' || typeof value !== 'string') return null
      return [value]
    }
  }
}

/** Whether a path leads to ids of members, to something else of them, or elsewhere (null). */
function pathOf(path: string): 'ids' | 'other' | null {
  const found = /(?:^|:)members(?:\.(.*))?$/i.exec(path)
  if (!found) return null
  const [, sub = 'value'] = found
  return sub.toLowerCase() === 'value' ? 'ids' : 'other'
}
