import {
  type Attribute,
  byName,
  isObject,
  type Json,
  type JsonObject,
  type ResourceType,
  type SubAttribute,
} from './attributes.ts'
import { toBoolean } from './filter.ts'
import { resolveName } from './resolve-name.ts'
import { ScimError } from './scim-error.ts'

/** What a request may write, with badges replaced by their tags at once. */
export interface Reading {
  readonly type: ResourceType
  /** Badges are read by this alone, so that nothing else ever holds one. Throws a ScimError. */
  readonly seal: (badge: unknown) => JsonObject
}

/** Longer strings are refused. */
const maxString = 1024
/** More values of an attribute are refused; members have the size of the body as their limit. */
const maxValues = 200

export const invalidValue = (detail: string) => new ScimError(400, 'invalidValue', detail)

/** The writable part of a resource as a POST or PUT brings it; what is not kept or unknown is left out. */
export function readResource(reading: Reading, body: unknown): Record<string, Json> {
  if (!isObject(body)) throw new ScimError(400, 'invalidSyntax', 'Expected a JSON object.')
  const schemas: unknown = Object.entries(body).find(
    ([key]) => key.toLowerCase() === 'schemas',
  )?.[1]
  const { id } = reading.type.schema
  const named =
    Array.isArray(schemas) &&
    schemas.some((one) => typeof one === 'string' && one.toLowerCase() === id.toLowerCase())
  if (!named) throw new ScimError(400, 'invalidSyntax', `"schemas" must contain ${id}.`)
  const document: Record<string, Json> = {}
  for (const [name, value] of Object.entries(body)) readInto(reading, document, name, value)
  checkDocument(reading.type, document)
  return document
}

function readInto(
  reading: Reading,
  document: Record<string, Json>,
  name: string,
  value: unknown,
): void {
  const found = resolveName(reading.type, name)
  if (found.kind === 'extension') {
    if (!isObject(value)) throw invalidValue('An extension is an object.')
    for (const [inner, one] of Object.entries(value))
      readInto(reading, document, `${found.id}:${inner}`, one)
    return
  }
  // `name.givenName` as a key is no way to write a resource (RFC 7643, 2.1), only a path is.
  if (found.kind !== 'attribute' || found.sub !== null) return
  const { attribute, extension } = found
  if (attribute.mutability === 'readOnly') return
  const read = readValue(reading, attribute, value)
  if (read !== undefined) setAttribute(document, extension, attribute.name, read)
}

/** Sets an attribute where it stands; undefined takes it away. */
export function setAttribute(
  document: Record<string, Json>,
  extension: string | null,
  name: string,
  value: Json | undefined,
): void {
  if (extension === null) {
    if (value === undefined) delete document[name]
    else document[name] = value
    return
  }
  const held = document[extension]
  const { [name]: _before, ...others } = isObject(held) ? held : {}
  const next = value === undefined ? others : { ...others, [name]: value }
  if (Object.keys(next).length === 0) delete document[extension]
  else document[extension] = next
}

/** The value of an attribute, or undefined where none stands there (null, [] and {} are none). */
export function readValue(
  reading: Reading,
  attribute: Attribute,
  value: unknown,
): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (!attribute.multiValued) return readOne(reading, attribute, value)
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (given.length > maxValues && attribute.name !== 'members')
    throw invalidValue(`"${attribute.name}" has at most ${maxValues} values.`)
  const values = given.flatMap((one) => readOne(reading, attribute, one) ?? [])
  return values.length === 0 ? undefined : distinct(values)
}

/** One value of an attribute that may have several. */
export function readOne(reading: Reading, attribute: Attribute, value: unknown): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (attribute.returned === 'never') return reading.seal(value)
  if (attribute.type !== 'complex') return readSimple(attribute, value)
  // Clients that know of one value only send it as it is.
  const whole = isObject(value) ? value : attribute.multiValued ? { value } : null
  if (!whole) throw invalidValue(`"${attribute.name}" is an object.`)
  const read: Record<string, Json> = {}
  for (const [name, one] of Object.entries(whole)) {
    const sub = byName(attribute.subAttributes, name)
    if (!sub || sub.mutability === 'readOnly' || one === null || one === undefined) continue
    read[sub.name] = readSimple(sub, one)
  }
  return Object.keys(read).length === 0 ? undefined : read
}

export function readSimple(attribute: SubAttribute, value: unknown): Json {
  if (attribute.type === 'boolean') {
    const flag = toBoolean(value)
    if (flag === null) throw invalidValue(`"${attribute.name}" is true or false.`)
    return flag
  }
  if (typeof value !== 'string') throw invalidValue(`"${attribute.name}" is a string.`)
  // PostgreSQL keeps no such text.
  if (value.includes('\0')) throw invalidValue(`"${attribute.name}" has no character U+0000.`)
  if (value.length > maxString)
    throw invalidValue(`"${attribute.name}" has at most ${maxString} characters.`)
  return value
}

/** Values without those that are there already. */
export function distinct(values: readonly Json[]): readonly Json[] {
  const seen = new Set<string>()
  return values.filter((value) => {
    const key = keyOf(value)
    return !seen.has(key) && seen.add(key)
  })
}

/** Equal for equal values, whatever the order of their parts. */
export const keyOf = (value: Json): string =>
  isObject(value)
    ? JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value)

/** What must hold of a resource whatever wrote it; throws a ScimError. */
export function checkDocument(type: ResourceType, document: JsonObject): void {
  for (const attribute of type.schema.attributes) {
    const { name, required } = attribute
    const value = document[name]
    if (required && (value === undefined || (typeof value === 'string' && value.trim() === '')))
      throw invalidValue(`"${name}" is required.`)
    if (!Array.isArray(value)) continue
    if (name !== 'members' && value.length > maxValues)
      throw invalidValue(`"${name}" has at most ${maxValues} values.`)
    const primary = value.filter((one: Json) => isObject(one) && one['primary'] === true)
    if (primary.length > 1) throw invalidValue(`Only one value of "${name}" is primary.`)
  }
}
