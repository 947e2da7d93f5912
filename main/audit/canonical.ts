import canonicalize from 'canonicalize'

/**
 * Canonical JSON (RFC 8785); throws for what JSON cannot say. Values are written as ECMAScript does
 * it, so a copy with its names in order is enough, at a fifth of the library's cost; what the engine
 * would order or write in its own way is left to the library.
 */
export function canonicalJson(value: unknown): string {
  const copy = inOrder(value)
  if (copy !== foreign) {
    const text = JSON.stringify(copy)
    // No escaped half of a surrogate pair, nor a backslash that somebody wrote before `ud`.
    if (!text.includes('\\ud')) return text
  }
  const text = canonicalize(value)
  if (text === undefined) throw new Error('The value has no JSON form.')
  return text
}

const foreign = Symbol('for the library')

function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : foreign
    case 'object':
      return value === null ? null : objectInOrder(value)
    default:
      return foreign
  }
}

function objectInOrder(value: object): unknown {
  if (Object.getPrototypeOf(value) !== Object.prototype) return foreign
  const copy: Record<string, unknown> = {}
  // By UTF-16 code units, as RFC 8785 3.2.3 has it.
  for (const name of Object.keys(value).toSorted()) {
    // What may be an index, an object keeps before all other names.
    if (isDigit(name.charCodeAt(0)) || name === '__proto__') return foreign
    const part = inOrder((value as Record<string, unknown>)[name])
    if (part === foreign) return foreign
    copy[name] = part
  }
  return copy
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
