import {
  type Attribute,
  byName,
  comparable,
  isObject,
  type JsonObject,
  type ResourceType,
  type SubAttribute,
} from './attributes.ts'
import { type Comparator, type FilterSyntax, type Literal, parseFilter } from './filter-syntax.ts'
import { resolveName } from './resolve-name.ts'
import { ScimError } from './scim-error.ts'

/** A filter whose names, operators and values fit a type of resource. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'present'; readonly at: Place }
  | Comparison
  | { readonly kind: 'some'; readonly at: Place; readonly of: Filter }
export interface Comparison {
  readonly kind: 'compare'
  readonly at: Place
  readonly comparator: Comparator
  readonly value: Literal
}

/** An attribute in a resource; in a `some`, of the values of its attribute. */
export interface Place {
  readonly extension: string | null
  readonly name: string
  readonly sub: string | null
  /** Characteristics of what is compared. */
  readonly of: Pick<Attribute, 'type' | 'caseExact'>
  readonly multiValued: boolean
}

const invalid = (detail: string) => new ScimError(400, 'invalidFilter', detail)

/** Reads a filter for resources of a type; throws a ScimError, invalidFilter. */
export const filterFor = (type: ResourceType, text: string): Filter =>
  bind(parseFilter(text), (path) => placeIn(type, path))

/** Reads what stands in brackets after a multi-valued attribute. */
export const valueFilterFor = (attribute: Attribute, syntax: FilterSyntax): Filter =>
  bind(syntax, (path) => placeInValue(attribute, path))

type PlaceOf = (path: string) => { readonly place: Place; readonly attribute: Attribute | null }

function bind(syntax: FilterSyntax, placeOf: PlaceOf): Filter {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return { kind: syntax.kind, of: syntax.of.map((one) => bind(one, placeOf)) }
    case 'not':
      return { kind: 'not', of: bind(syntax.of, placeOf) }
    case 'present':
      return { kind: 'present', at: placeOf(syntax.path).place }
    case 'some': {
      const { place, attribute } = placeOf(syntax.path)
      if (!attribute?.multiValued || place.sub !== null || attribute.type !== 'complex')
        throw invalid('Brackets follow an attribute with several complex values.')
      return { kind: 'some', at: place, of: valueFilterFor(attribute, syntax.of) }
    }
    case 'compare': {
      const { place, attribute } = placeOf(syntax.path)
      return comparison(withDefaultSub(place, attribute), syntax)
    }
  }
}

function placeIn(type: ResourceType, path: string): ReturnType<PlaceOf> {
  const found = resolveName(type, path)
  if (found.kind === 'not-kept') throw invalid('Lanyard does not keep this attribute.')
  if (found.kind !== 'attribute') throw invalid('There is no such attribute.')
  const { extension, attribute, sub } = found
  // Whether a write-only value is this or that must not be found out by asking.
  if ((sub ?? attribute).returned === 'never') throw invalid('This attribute cannot be asked for.')
  const { multiValued } = attribute
  return {
    place: {
      extension,
      name: attribute.name,
      sub: sub?.name ?? null,
      of: sub ?? attribute,
      multiValued,
    },
    attribute,
  }
}

function placeInValue(attribute: Attribute, path: string): ReturnType<PlaceOf> {
  const sub: SubAttribute | null = byName(attribute.subAttributes, path)
  if (!sub) throw invalid('There is no such attribute in the brackets.')
  const place = { extension: null, name: sub.name, sub: null, of: sub, multiValued: false }
  return { place, attribute: null }
}

/** A comparison of several complex values is of their `value` (RFC 7643, 2.4). */
function withDefaultSub(place: Place, attribute: Attribute | null): Place {
  if (place.of.type !== 'complex') return place
  const sub = attribute?.multiValued ? byName(attribute.subAttributes, 'value') : null
  if (!sub) throw invalid('A complex attribute is compared by its parts.')
  return { ...place, sub: sub.name, of: sub }
}

/** Holds the operator and the value to the type of the attribute. */
function comparison(
  at: Place,
  { comparator, value }: Extract<FilterSyntax, { kind: 'compare' }>,
): Comparison {
  const compare = (fitting: Literal): Comparison => ({
    kind: 'compare',
    at,
    comparator,
    value: fitting,
  })
  const equality = comparator === 'eq' || comparator === 'ne'
  if (value === null) {
    if (equality) return compare(null)
    throw invalid('null is compared by eq or ne.')
  }
  switch (at.of.type) {
    case 'boolean': {
      if (!equality) throw invalid('A boolean is compared by eq or ne.')
      const flag = toBoolean(value)
      if (flag === null) throw invalid('Expected true or false.')
      return compare(flag)
    }
    case 'dateTime': {
      const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
      if (Number.isNaN(time)) throw invalid('Expected a date and time as a string.')
      if (['co', 'sw', 'ew'].includes(comparator)) throw invalid('A time has no parts to compare.')
      return compare(value)
    }
    default:
      if (typeof value !== 'string') throw invalid('Expected a string in double quotes.')
      // No value has it, and PostgreSQL takes no such text.
      if (value.includes('\0')) throw invalid('A string has no character U+0000.')
      return compare(value)
  }
}

/** Entra sends `"True"`. */
export function toBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return null
  const word = value.toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : null
}

/** Whether a resource, or a value in brackets, is what the filter asks for. */
export function matches(filter: Filter, resource: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((one) => matches(one, resource))
    case 'or':
      return filter.of.some((one) => matches(one, resource))
    case 'not':
      return !matches(filter.of, resource)
    case 'present':
      return valuesAt(filter.at, resource).some(isPresent)
    case 'some':
      return valuesAt(filter.at, resource).some(
        (value) => isObject(value) && matches(filter.of, value as JsonObject),
      )
    case 'compare': {
      const values = valuesAt(filter.at, resource).filter(isPresent)
      if (filter.value === null) return (values.length === 0) === (filter.comparator === 'eq')
      // What is not there differs from everything.
      if (values.length === 0) return filter.comparator === 'ne'
      return values.some((value) => compares(value, filter))
    }
  }
}

/** No value, an empty string, list or object is not there (RFC 7643, 2.5). */
function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false
  return !isObject(value) || Object.values(value).some(isPresent)
}

/** The values of an attribute in a resource, in a list however many there are. */
export function valuesAt({ extension, name, sub }: Place, resource: JsonObject): unknown[] {
  const holder: unknown = extension === null ? resource : resource[extension]
  const value: unknown = isObject(holder) ? holder[name] : undefined
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (sub === null) return values.filter((one) => one !== undefined)
  return values.flatMap((one) => (isObject(one) && one[sub] !== undefined ? [one[sub]] : []))
}

function compares(actual: unknown, { at, comparator, value }: Comparison): boolean {
  if (typeof actual === 'boolean') return (actual === value) === (comparator === 'eq')
  if (typeof actual !== 'string' || typeof value !== 'string') return comparator === 'ne'
  if (at.of.type === 'dateTime')
    return inOrder(Math.sign(Date.parse(actual) - Date.parse(value)), comparator)
  const [left, right] = [comparable(actual, at.of), comparable(value, at.of)]
  switch (comparator) {
    case 'co':
      return left.includes(right)
    case 'sw':
      return left.startsWith(right)
    case 'ew':
      return left.endsWith(right)
    default:
      return inOrder(left === right ? 0 : left < right ? -1 : 1, comparator)
  }
}

function inOrder(order: number, comparator: Comparator): boolean {
  switch (comparator) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    default:
      return false
  }
}
