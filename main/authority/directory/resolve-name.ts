import { type Attribute, byName, type ResourceType, type SubAttribute } from './attributes.ts'
import { commonAttributes } from './schemas.ts'

/** Where a name leads. `extension`: id of the schema under which the attribute stands in a resource. */
export type ResolvedName =
  | {
      readonly kind: 'attribute'
      readonly extension: string | null
      readonly attribute: Attribute
      readonly sub: SubAttribute | null
    }
  /** An extension as a whole. */
  | { readonly kind: 'extension'; readonly id: string }
  | { readonly kind: 'not-kept' }
  | { readonly kind: 'unknown' }

/**
 * Resolves `name`, `name.sub` and both after the id of a schema and a colon (RFC 7644, 3.10), in any
 * case. Never throws.
 */
export function resolveName(type: ResourceType, name: string): ResolvedName {
  const lower = name.toLowerCase()
  for (const id of type.schemasNotKept)
    if (lower === id || lower.startsWith(`${id}:`)) return { kind: 'not-kept' }
  for (const { id, attributes } of type.extensions) {
    if (lower === id.toLowerCase()) return { kind: 'extension', id }
    const prefix = `${id.toLowerCase()}:`
    if (lower.startsWith(prefix)) return within(attributes, name.slice(prefix.length), id)
  }
  const core = `${type.schema.id.toLowerCase()}:`
  const local = lower.startsWith(core) ? name.slice(core.length) : name
  const [first = ''] = local.split('.')
  if (type.notKept.has(first.toLowerCase())) return { kind: 'not-kept' }
  return within([...commonAttributes, ...type.schema.attributes], local, null)
}

function within(
  attributes: readonly Attribute[],
  name: string,
  extension: string | null,
): ResolvedName {
  const [first = '', second, ...rest] = name.split('.')
  const attribute = byName(attributes, first)
  if (!attribute || rest.length > 0) return { kind: 'unknown' }
  if (second === undefined) return { kind: 'attribute', extension, attribute, sub: null }
  const sub = byName(attribute.subAttributes, second)
  return sub ? { kind: 'attribute', extension, attribute, sub } : { kind: 'unknown' }
}
