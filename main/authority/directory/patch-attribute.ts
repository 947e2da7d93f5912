import {
  type Attribute,
  byName,
  isObject,
  type Json,
  type JsonObject,
  type SubAttribute,
} from './attributes.ts'
import { matches } from './filter.ts'
import type { FilterSyntax } from './filter-syntax.ts'
import type { Target } from './patch-path.ts'
import { ScimError } from './scim-error.ts'
import {
  distinct,
  invalidValue,
  keyOf,
  type Reading,
  readOne,
  readSimple,
  readValue,
  setAttribute,
} from './values.ts'

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly value: unknown
}
type AttributeTarget = Extract<Target, { kind: 'attribute' }>

/** Carries one operation out on the document itself; throws a ScimError. */
export function applyTo(
  reading: Reading,
  document: Record<string, Json>,
  operation: Operation,
  target: AttributeTarget,
): void {
  const { attribute, extension, sub } = target
  refuseReadOnly(attribute, sub)
  const holder: unknown = extension === null ? document : document[extension]
  const current: Json | undefined = isObject(holder)
    ? (holder as JsonObject)[attribute.name]
    : undefined
  // `null` for a value takes away what is there (RFC 7643, 2.5).
  const removes = operation.op === 'remove' || operation.value === null
  if (!removes && operation.value === undefined) throw invalidValue('The operation has no value.')
  const next = removes
    ? removed(reading, operation, target, current)
    : attribute.multiValued
      ? valuesAfter(reading, operation, target, listOf(current))
      : singleAfter(reading, operation, target, current)
  if (next === undefined && (attribute.required || attribute.name === 'active'))
    throw new ScimError(400, 'mutability', `"${attribute.name}" cannot be taken away.`)
  setAttribute(document, extension, attribute.name, next)
}

function refuseReadOnly(attribute: Attribute, sub: SubAttribute | null): void {
  if (attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly')
    throw new ScimError(400, 'mutability', `"${attribute.name}" is set by this service only.`)
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const orNone = (values: readonly Json[]): Json | undefined =>
  values.length === 0 ? undefined : values

/** Whether brackets choose this value; everything where there are none. */
const chosen = ({ where }: AttributeTarget, value: Json): boolean =>
  where === null || (isObject(value) && matches(where.filter, value))

function singleAfter(
  reading: Reading,
  { value }: Operation,
  { attribute, sub }: AttributeTarget,
  current: Json | undefined,
): Json | undefined {
  const before = isObject(current) ? current : {}
  if (sub) return { ...before, [sub.name]: readSimple(sub, value) }
  const read = readValue(reading, attribute, value)
  // A complex value is merged by add and by replace alike (RFC 7644, 3.5.2.1 and 3.5.2.3).
  if (attribute.type === 'complex') return isObject(read) ? { ...before, ...read } : current
  return read
}

function valuesAfter(
  reading: Reading,
  { op, value }: Operation,
  target: AttributeTarget,
  current: readonly Json[],
): Json | undefined {
  const { attribute, sub, where } = target
  if (!sub && !where) {
    const given = listOf(readValue(reading, attribute, value))
    return orNone(op === 'add' ? withPrimary(distinct([...current, ...given]), given) : given)
  }
  const part = sub ? { [sub.name]: readSimple(sub, value) } : readPart(reading, attribute, value)
  if (!current.some((one) => chosen(target, one))) {
    const made = madeBy(attribute, where?.syntax ?? null)
    if (!made) throw new ScimError(400, 'noTarget', 'No value matches the path.')
    const added = { ...made, ...part }
    return orNone(withPrimary(distinct([...current, added]), [added]))
  }
  const changed: Json[] = []
  const next = current.map((one) => {
    if (!chosen(target, one)) return one
    const whole = op === 'replace' && !sub ? part : { ...(one as JsonObject), ...part }
    changed.push(whole)
    return whole
  })
  return orNone(distinct(withPrimary(next, changed)))
}

function readPart(reading: Reading, attribute: Attribute, value: unknown): JsonObject {
  const read = readOne(
    reading,
    attribute,
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  )
  if (!isObject(read)) throw invalidValue(`A value of "${attribute.name}" is an object.`)
  return read
}

/** A value that is primary from now on is the only one (RFC 7644, 3.5.2). */
function withPrimary(values: readonly Json[], news: readonly Json[]): readonly Json[] {
  const isPrimary = (value: Json) => isObject(value) && value['primary'] === true
  const primary = news.findLast(isPrimary)
  if (primary === undefined) return values
  const key = keyOf(primary)
  return values.map((value) =>
    isPrimary(value) && keyOf(value) !== key ? { ...(value as JsonObject), primary: false } : value,
  )
}

/**
 * The value that brackets describe, where nothing matches yet: Entra writes to
 * `emails[type eq "work"].value` before there is any. Null where they do not say what it is.
 */
function madeBy(attribute: Attribute, syntax: FilterSyntax | null): JsonObject | null {
  if (syntax === null) return {}
  if (syntax.kind === 'and') {
    const parts = syntax.of.map((one) => madeBy(attribute, one))
    return parts.some((one) => one === null) ? null : Object.assign({}, ...parts)
  }
  if (syntax.kind !== 'compare' || syntax.comparator !== 'eq' || syntax.value === null) return null
  const sub = byName(attribute.subAttributes, syntax.path)
  return sub && { [sub.name]: readSimple(sub, syntax.value) }
}

function removed(
  reading: Reading,
  { value }: Operation,
  target: AttributeTarget,
  current: Json | undefined,
): Json | undefined {
  const { attribute, sub, where } = target
  if (!attribute.multiValued) return sub && isObject(current) ? without(current, sub) : undefined
  const values = listOf(current)
  if (sub)
    return orNone(
      values.flatMap((one) => {
        if (!chosen(target, one) || !isObject(one)) return [one]
        // A value without its `value` says nothing any more.
        return sub.name === 'value' ? [] : (without(one, sub) ?? [])
      }),
    )
  if (where) return orNone(values.filter((one) => !chosen(target, one)))
  if (value === undefined || value === null) return undefined
  // Entra names what to remove in the value; an empty list names nothing.
  return orNone(valuesWithout(values, listOf(readValue(reading, attribute, value))))
}

function without(value: JsonObject, { name }: SubAttribute): JsonObject | undefined {
  const { [name]: _gone, ...rest } = value
  return Object.keys(rest).length === 0 ? undefined : rest
}

/** Values without those that are named, by their `value` where they have one. */
function valuesWithout(values: readonly Json[], named: readonly Json[]): readonly Json[] {
  const identity = (one: Json): string =>
    isObject(one) && typeof one['value'] === 'string' ? one['value'] : keyOf(one)
  const gone = new Set(named.map(identity))
  return values.filter((one) => !gone.has(identity(one)))
}
