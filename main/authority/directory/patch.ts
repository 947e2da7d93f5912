import { isObject, type Json, type JsonObject } from './attributes.ts'
import { applyTo, type Operation } from './patch-attribute.ts'
import { targetOf } from './patch-path.ts'
import { ScimError } from './scim-error.ts'
import { checkDocument, type Reading } from './values.ts'

export const patchSchemaId = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** More operations in one request are refused. */
const maxOperations = 100

/** An operation as it came; names and `op` in any case, as Entra sends them. */
interface Written {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string | null
  readonly value: unknown
}

/**
 * A document after the operations of a PATCH (RFC 7644, 3.5.2), all of them or none: the one that was
 * given is not changed. Throws a ScimError.
 */
export function patched(reading: Reading, document: JsonObject, body: unknown): JsonObject {
  const next: Record<string, Json> = structuredClone(document)
  for (const written of operationsOf(body)) apply(reading, next, written)
  checkDocument(reading.type, next)
  return next
}

const syntax = (detail: string) => new ScimError(400, 'invalidSyntax', detail)

function valueOf(body: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(body).find(([key]) => key.toLowerCase() === name)?.[1]
}

function operationsOf(body: unknown): Written[] {
  if (!isObject(body)) throw syntax('Expected a JSON object.')
  const schemas = valueOf(body, 'schemas')
  if (!Array.isArray(schemas) || !schemas.includes(patchSchemaId))
    throw syntax(`"schemas" must contain ${patchSchemaId}.`)
  const operations = valueOf(body, 'operations')
  if (!Array.isArray(operations) || operations.length === 0)
    throw syntax('"Operations" is a list of at least one operation.')
  if (operations.length > maxOperations)
    throw new ScimError(413, 'tooMany', `At most ${maxOperations} operations at a time.`)
  return operations.map((operation: unknown) => {
    if (!isObject(operation)) throw syntax('An operation is an object.')
    const op = valueOf(operation, 'op')
    const path = valueOf(operation, 'path') ?? null
    const word = typeof op === 'string' ? op.toLowerCase() : ''
    if (word !== 'add' && word !== 'remove' && word !== 'replace')
      throw syntax('"op" is one of add, remove, replace.')
    if (path !== null && typeof path !== 'string')
      throw new ScimError(400, 'invalidPath', '"path" is a string.')
    // Some clients send an empty path for none.
    return { op: word, path: path === '' ? null : path, value: valueOf(operation, 'value') }
  })
}

function apply(reading: Reading, document: Record<string, Json>, { op, path, value }: Written) {
  if (path !== null) return applyAt(reading, document, { op, value }, path)
  if (op === 'remove') throw new ScimError(400, 'noTarget', 'To remove needs a path.')
  if (!isObject(value))
    throw new ScimError(400, 'invalidValue', 'Without a path the value is an object.')
  for (const [name, one] of Object.entries(value))
    applyNamed(reading, document, { op, value: one }, name)
}

/**
 * A member of the value of an operation without path. Entra writes whole paths there. What a client
 * merely repeats (`id`, as Okta does) or what nobody knows is passed over, as in a POST.
 */
function applyNamed(
  reading: Reading,
  document: Record<string, Json>,
  operation: Operation,
  name: string,
): void {
  try {
    const target = targetOf(reading.type, name)
    if (target.kind === 'attribute' && target.attribute.mutability === 'readOnly') return
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'invalidPath') return
    throw error
  }
  applyAt(reading, document, operation, name)
}

function applyAt(
  reading: Reading,
  document: Record<string, Json>,
  operation: Operation,
  path: string,
): void {
  const target = targetOf(reading.type, path)
  if (target.kind === 'not-kept') return
  if (target.kind === 'attribute') return applyTo(reading, document, operation, target)
  const names =
    operation.op === 'remove'
      ? reading.type.extensions
          .filter(({ id }) => id === target.id)
          .flatMap(({ attributes }) => attributes.map(({ name }) => [name, undefined] as const))
      : isObject(operation.value)
        ? Object.entries(operation.value)
        : null
  if (!names) throw new ScimError(400, 'invalidValue', 'The value of a schema is an object.')
  for (const [name, value] of names)
    applyNamed(reading, document, { op: operation.op, value }, `${target.id}:${name}`)
}
