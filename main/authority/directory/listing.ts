import {
  comparable,
  isObject,
  type Json,
  type JsonObject,
  type ResourceType,
  textOf,
} from './attributes.ts'
import { type Filter, filterFor, matches } from './filter.ts'
import type { Query } from './query.ts'
import { project, projectionOf } from './projection.ts'
import { resolveName } from './resolve-name.ts'
import { ScimError } from './scim-error.ts'
import { chunksOf } from './rows.ts'
import { narrowingOf, type Source } from './sources.ts'

export const listSchemaId = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** A page of what the query finds in all sources (RFC 7644, 3.4.2). Throws a ScimError. */
export async function listResources(sources: readonly Source[], query: Query): Promise<JsonObject> {
  const { startIndex, count, filter } = query
  const projections = new Map(sources.map(({ type }) => [type, projectionOf(type, query)]))
  const [only] = sources
  const found =
    only && sources.length === 1 && filter === null && query.sortBy === null
      ? await plainPage(only, query)
      : await search(sources, query)
  const resources = found.page.map(({ type, resource }) =>
    project(projections.get(type) ?? { kind: 'default' }, resource),
  )
  return {
    schemas: [listSchemaId],
    totalResults: found.total,
    startIndex,
    itemsPerPage: resources.length,
    // Left out where nothing was asked for (RFC 7644, 3.4.2).
    ...(count === 0 ? {} : { Resources: resources }),
  }
}

interface Found {
  readonly total: number
  readonly page: readonly { readonly type: ResourceType; readonly resource: JsonObject }[]
}

async function plainPage(source: Source, { startIndex, count }: Query): Promise<Found> {
  const total = await source.count()
  const page = count === 0 ? [] : await source.page(startIndex - 1, count)
  return { total, page: page.map((resource) => ({ type: source.type, resource })) }
}

async function search(sources: readonly Source[], query: Query): Promise<Found> {
  const { startIndex, count } = query
  const filters = filtersOf(sources, query)
  const key = query.sortBy === null ? null : sortKey(sources, query.sortBy)
  const hits: { readonly source: Source; readonly id: string; readonly key: string }[] = []
  const page: { type: ResourceType; resource: JsonObject }[] = []
  let total = 0
  for (const { source, filter } of filters)
    for await (const part of source.scan(narrowingOf(filter)))
      for (const resource of part) {
        if (filter && !matches(filter, resource)) continue
        total += 1
        if (key) hits.push({ source, id: textOf(resource, 'id'), key: key(resource) })
        else if (total >= startIndex && page.length < count)
          page.push({ type: source.type, resource })
      }
  if (!key) return { total, page }
  const order = query.sortOrder === 'ascending' ? 1 : -1
  // What has no value comes last, or first when descending (RFC 7644, 3.4.2.3).
  hits.sort((a, b) => order * (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
  const wanted = hits.slice(startIndex - 1, startIndex - 1 + count)
  return { total, page: await resourcesOf(sources, wanted) }
}

async function resourcesOf(
  sources: readonly Source[],
  wanted: readonly { readonly source: Source; readonly id: string }[],
): Promise<Found['page']> {
  const byId = new Map<string, JsonObject>()
  for (const source of sources) {
    const ids = wanted.filter((hit) => hit.source === source).map(({ id }) => id)
    for (const part of chunksOf(ids))
      for (const [id, resource] of await source.byIds(part)) byId.set(id, resource)
  }
  return wanted.flatMap(({ source, id }) => {
    const resource = byId.get(id)
    return resource ? [{ type: source.type, resource }] : []
  })
}

/**
 * The filter for each source. In a search over several types an attribute that one of them lacks
 * matches nothing there (RFC 7644, 3.4.2.1); one that all of them lack is a mistake.
 */
function filtersOf(
  sources: readonly Source[],
  { filter }: Query,
): readonly { readonly source: Source; readonly filter: Filter | null }[] {
  if (filter === null) return sources.map((source) => ({ source, filter: null }))
  const bound: { source: Source; filter: Filter }[] = []
  let refused: unknown
  for (const source of sources)
    try {
      bound.push({ source, filter: filterFor(source.type, filter) })
    } catch (error) {
      refused = error
    }
  if (bound.length === 0) throw refused
  return bound
}

/** After every text: noncharacters do not occur in names. */
const last = '\uffff'

function sortKey(sources: readonly Source[], path: string): (resource: JsonObject) => string {
  const found = sources
    .map(({ type }) => resolveName(type, path))
    .find(({ kind }) => kind === 'attribute')
  if (found?.kind !== 'attribute' || (found.sub ?? found.attribute).returned === 'never')
    throw new ScimError(400, 'invalidPath', 'There is nothing to sort by at "sortBy".')
  const { attribute, sub } = found
  const exact = sub ?? attribute
  return (resource) => {
    const value = resource[attribute.name]
    const one: Json | undefined = Array.isArray(value) ? firstOf(value) : value
    const part = isObject(one) ? one[sub?.name ?? 'value'] : one
    return part === undefined || part === null || typeof part === 'object'
      ? last
      : comparable(String(part), exact)
  }
}

/** Several values are sorted by the primary one, or else the first. */
const firstOf = (values: readonly Json[]): Json | undefined =>
  values.find((one) => isObject(one) && one['primary'] === true) ?? values[0]
