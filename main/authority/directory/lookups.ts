import type { Filter } from './filter.ts'

/** Everything whose attribute at `path` (`userName`, `emails.value`) is this text. */
export interface Lookup {
  readonly path: string
  readonly value: string
}

/**
 * What a database has to look up before a filter is applied to the rest: whatever the filter finds is
 * among what one of the lookups finds. Null where all resources have to be examined. `paths`: what can
 * be looked up, the most selective first.
 */
export function lookupsOf(filter: Filter, paths: readonly string[]): readonly Lookup[] | null {
  return within(filter, '', paths)
}

function within(
  filter: Filter,
  prefix: string,
  paths: readonly string[],
): readonly Lookup[] | null {
  switch (filter.kind) {
    case 'and': {
      // One condition is enough, the others are for the filter.
      const rank = (lookups: readonly Lookup[]) =>
        Math.max(...lookups.map(({ path }) => paths.indexOf(path)))
      const able = filter.of.flatMap((one) => {
        const lookups = within(one, prefix, paths)
        return lookups ? [lookups] : []
      })
      return able.toSorted((a, b) => a.length - b.length || rank(a) - rank(b))[0] ?? null
    }
    case 'or': {
      const each = filter.of.map((one) => within(one, prefix, paths))
      return each.every((lookups) => lookups !== null) ? each.flat() : null
    }
    case 'some':
      return filter.at.extension === null ? within(filter.of, `${filter.at.name}.`, paths) : null
    case 'compare': {
      const { at, comparator, value } = filter
      const path = `${prefix}${at.name}${at.sub === null ? '' : `.${at.sub}`}`
      if (comparator !== 'eq' || typeof value !== 'string') return null
      return at.extension === null && paths.includes(path) ? [{ path, value }] : null
    }
    case 'not':
    case 'present':
      return null
  }
}
