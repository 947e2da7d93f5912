import type { Attribute, ResourceType, SubAttribute } from './attributes.ts'
import { byName } from './attributes.ts'
import { type Filter, valueFilterFor } from './filter.ts'
import { type FilterSyntax, maxFilter, parseFilter } from './filter-syntax.ts'
import { resolveName } from './resolve-name.ts'
import { ScimError } from './scim-error.ts'

/** Where an operation of a PATCH goes. */
export type Target =
  | {
      readonly kind: 'attribute'
      readonly extension: string | null
      readonly attribute: Attribute
      readonly sub: SubAttribute | null
      /** Of the values of the attribute, those that match; null: all. */
      readonly where: { readonly filter: Filter; readonly syntax: FilterSyntax } | null
    }
  | { readonly kind: 'extension'; readonly id: string }
  /** Known, and of no concern to Lanyard. */
  | { readonly kind: 'not-kept' }

const invalid = (detail: string) => new ScimError(400, 'invalidPath', detail)

// Greedy to the last bracket: a string in the filter may contain one.
const valuePath = /^([A-Za-z$][\w$:.-]*)\[(.*)\](?:\.([A-Za-z$][\w$-]*))?$/s
const plainPath = /^[A-Za-z$][\w$:.-]*$/

/** Reads `attr`, `attr.sub`, `attr[filter]` and `attr[filter].sub`; throws a ScimError. */
export function targetOf(type: ResourceType, path: string): Target {
  if (path.length > maxFilter) throw invalid(`A path has at most ${maxFilter} characters.`)
  const trimmed = path.trim()
  const [, name = trimmed, inner, subName] = valuePath.exec(trimmed) ?? []
  if (!plainPath.test(name)) throw invalid('This is no path of an attribute.')
  const found = resolveName(type, name)
  if (found.kind === 'unknown') throw invalid('There is no attribute at this path.')
  const syntax = inner === undefined ? null : parseFilter(inner)
  if (found.kind !== 'attribute') {
    if (syntax && found.kind === 'extension')
      throw invalid('A schema has no values to choose from.')
    return found
  }
  const { attribute, extension } = found
  if (!syntax) {
    refuseParts(attribute, found.sub !== null)
    return { ...found, where: null }
  }
  if (!attribute.multiValued || attribute.type !== 'complex' || found.sub !== null)
    throw invalid('Brackets follow an attribute with several complex values.')
  refuseParts(attribute, true)
  const sub = subName === undefined ? null : byName(attribute.subAttributes, subName)
  if (subName !== undefined && !sub) throw invalid('There is no attribute at this path.')
  const where = { syntax, filter: valueFilterFor(attribute, syntax) }
  return { kind: 'attribute', extension, attribute, sub, where }
}

/** A write-only value is written as a whole: neither its parts nor a choice by them could be told apart. */
function refuseParts({ returned }: Attribute, parts: boolean): void {
  if (parts && returned === 'never') throw invalid('This attribute is written as a whole.')
}
