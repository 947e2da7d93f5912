import { isObject, type Json, type JsonObject, type ResourceType } from './attributes.ts'
import { resolveName } from './resolve-name.ts'
import { ScimError } from './scim-error.ts'

/** Which attributes an answer has (RFC 7644, 3.4.2.5). */
export type Projection =
  | { readonly kind: 'default' }
  | { readonly kind: 'only' | 'without'; readonly names: readonly Chosen[] }
interface Chosen {
  readonly extension: string | null
  /** Null: the extension as a whole. */
  readonly name: string | null
  readonly sub: string | null
}

/** Reads `attributes` and `excludedAttributes`; names that nobody knows choose nothing. */
export function projectionOf(
  type: ResourceType,
  {
    attributes,
    excluded,
  }: { readonly attributes: readonly string[]; readonly excluded: readonly string[] },
): Projection {
  if (attributes.length > 0 && excluded.length > 0)
    throw new ScimError(400, 'invalidValue', 'Give attributes or excludedAttributes, not both.')
  if (attributes.length > 0) return { kind: 'only', names: chosenBy(type, attributes) }
  if (excluded.length > 0) return { kind: 'without', names: chosenBy(type, excluded) }
  return { kind: 'default' }
}

const chosenBy = (type: ResourceType, names: readonly string[]): Chosen[] =>
  names.flatMap((name): Chosen[] => {
    const found = resolveName(type, name.trim())
    if (found.kind === 'extension') return [{ extension: found.id, name: null, sub: null }]
    if (found.kind !== 'attribute') return []
    const { extension, attribute, sub } = found
    return [{ extension, name: attribute.name, sub: sub?.name ?? null }]
  })

/** Whether an answer will show the attribute, so that what is costly is not read for nothing. */
export function shows(projection: Projection, name: string): boolean {
  if (projection.kind === 'default') return true
  const named = projection.names.some((one) => one.name === name && one.extension === null)
  if (projection.kind === 'only') return named
  return !projection.names.some((one) => one.name === name && one.sub === null)
}

/** The resource with what was asked for; `id` and `schemas` are always there. */
export function project(projection: Projection, resource: JsonObject): JsonObject {
  if (projection.kind === 'default') return resource
  const always: Record<string, Json> = {}
  for (const name of ['schemas', 'id'])
    if (resource[name] !== undefined) always[name] = resource[name]
  if (projection.kind === 'only')
    return projection.names.reduce<JsonObject>(
      (shown, one) => withChosen(shown, resource, one),
      always,
    )
  const rest = projection.names.reduce(withoutChosen, resource)
  return { ...rest, ...always }
}

function withChosen(shown: JsonObject, resource: JsonObject, { name, sub }: Chosen): JsonObject {
  const value = name === null ? undefined : resource[name]
  if (name === null || value === undefined) return shown
  if (sub === null) return { ...shown, [name]: value }
  const part = (one: Json): JsonObject =>
    isObject(one) && one[sub] !== undefined ? { [sub]: one[sub] } : {}
  const before = shown[name]
  if (!Array.isArray(value))
    return {
      ...shown,
      [name]: { ...(isObject(before) ? before : {}), ...part(value) },
    }
  const list: readonly Json[] = Array.isArray(before) ? before : []
  return {
    ...shown,
    [name]: value.map((one: Json, index) => ({
      ...((list[index] ?? {}) as JsonObject),
      ...part(one),
    })),
  }
}

function withoutChosen(resource: JsonObject, { name, sub }: Chosen): JsonObject {
  const value = name === null ? undefined : resource[name]
  if (name === null || value === undefined) return resource
  const { [name]: _before, ...others } = resource
  if (sub === null) return others
  const drop = (one: Json): Json => {
    if (!isObject(one)) return one
    const { [sub]: _gone, ...rest } = one
    return rest
  }
  return {
    ...others,
    [name]: Array.isArray(value) ? value.map((one: Json) => drop(one)) : drop(value),
  }
}
