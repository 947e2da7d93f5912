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
import { type Lookup, lookupsOf } from './lookups.ts'
import type { Source } from './sources.ts'

/** What a search may examine where no index answers it: a request must not read a whole hospital. */
export const maxExamined = 10_000

export const listSchemaId = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** A page of what the query finds in all sources (RFC 7644, 3.4.2). Throws a ScimError. */
export async function listResources(sources: readonly Source[], query: Query): Promise<JsonObject> {
  const { startIndex, count, filter } = query
  const projections = new Map(sources.map(({ type }) => [type, projectionOf(type, query)]))
  const plain = filter === null && query.sortBy === null
  const found = await (plain ? plainPage(sources, query) : search(sources, query))
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

async function plainPage(sources: readonly Source[], query: Query): Promise<Found> {
  const page: Found['page'][number][] = []
  let total = 0
  for (const source of sources) {
    const here = await source.count()
    const offset = Math.max(0, query.startIndex - 1 - total)
    const wanted = query.count - page.length
    total += here
    if (wanted === 0 || offset >= here) continue
    const read = await source.page(offset, wanted)
    page.push(...read.map((resource) => ({ type: source.type, resource })))
  }
  return { total, page }
}

async function search(sources: readonly Source[], query: Query): Promise<Found> {
  const { startIndex, count } = query
  const filters = filtersOf(sources, query)
  const key = query.sortBy === null ? null : sortKey(sources, query.sortBy)
  const hits: { readonly source: Source; readonly id: string; readonly key: string }[] = []
  const page: { type: ResourceType; resource: JsonObject }[] = []
  let total = 0
  for (const { source, filter, candidates } of await examinable(filters))
    for await (const part of candidates)
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

interface Examined extends Filtered {
  readonly candidates: AsyncIterable<readonly JsonObject[]>
}

/** What each filter has to be held against; throws a ScimError, tooMany, before any of it is read. */
async function examinable(filters: readonly Filtered[]): Promise<readonly Examined[]> {
  const examined: Examined[] = []
  let many = 0
  for (const { source, filter } of filters) {
    const lookups = filter && lookupsOf(filter, Object.keys(source.finders))
    const ids = lookups && (await idsIn(source, lookups))
    many += ids ? ids.length : await source.count()
    if (many > maxExamined) throw tooMany(filters.map((one) => one.source))
    examined.push({ source, filter, candidates: ids ? source.among(ids) : source.scan() })
  }
  return examined
}

/** Ids that the lookups find, each once, in an order that the next page has as well. */
async function idsIn(source: Source, lookups: readonly Lookup[]): Promise<readonly string[]> {
  const ids = new Set<string>()
  for (const { path, value } of lookups)
    for (const id of (await source.finders[path]?.(value, maxExamined + 1)) ?? []) ids.add(id)
  return [...ids].toSorted()
}

const tooMany = (sources: readonly Source[]) =>
  new ScimError(
    400,
    'tooMany',
    `More than ${maxExamined} resources would have to be examined. ${sources
      .map(({ type, finders }) => {
        const paths = Object.keys(finders).join(', ')
        return `Ask ${type.endpoint} by "eq" for one of ${paths}.`
      })
      .join(' ')}`,
  )

async function resourcesOf(
  sources: readonly Source[],
  wanted: readonly { readonly source: Source; readonly id: string }[],
): Promise<Found['page']> {
  const byId = new Map<string, JsonObject>()
  for (const source of sources) {
    const ids = wanted.filter((hit) => hit.source === source).map(({ id }) => id)
    for await (const part of source.among(ids))
      for (const resource of part) byId.set(textOf(resource, 'id'), resource)
  }
  return wanted.flatMap(({ source, id }) => {
    const resource = byId.get(id)
    return resource ? [{ type: source.type, resource }] : []
  })
}

interface Filtered {
  readonly source: Source
  readonly filter: Filter | null
}

/**
 * The filter for each source. In a search over several types an attribute that one of them lacks
 * matches nothing there (RFC 7644, 3.4.2.1); one that all of them lack is a mistake.
 */
function filtersOf(sources: readonly Source[], { filter }: Query): readonly Filtered[] {
  if (filter === null) return sources.map((source) => ({ source, filter: null }))
  const bound: Filtered[] = []
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
