/** What crosses between worlds and processes as text, with the meaning of the structured clone. */
export interface Codec {
  /** Throws, in Electron's words, on what cannot be cloned, unless `special` names it. */
  readonly encode: (value: unknown, special?: (value: object) => string | undefined) => string
  readonly decode: (text: string, special?: (tag: string) => unknown) => unknown
}

/**
 * Makes a codec. The function is also sent to the pages as source text, so it must not use
 * anything from outside itself.
 *
 * Text format: a JSON array of nodes, the first is the root; a node is `[kind, ...]` and names
 * other nodes by index, so that cycles and shared references survive.
 */
export const createCodec = (): Codec => {
  const { stringify, parse } = JSON
  const tagOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1)
  const cloneError = () => new Error('An object could not be cloned.')
  const views: Record<string, new (buffer: ArrayBuffer) => ArrayBufferView> = {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  }
  const toText = (bytes: Uint8Array): string => {
    let text = ''
    for (let at = 0; at < bytes.length; at += 0x80_00)
      text += String.fromCharCode(...bytes.subarray(at, at + 0x80_00))
    return btoa(text)
  }
  const toBytes = (base64: string): Uint8Array<ArrayBuffer> => {
    const text = atob(base64)
    const bytes = new Uint8Array(text.length)
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
    return bytes
  }

  const encode: Codec['encode'] = (root, special) => {
    const nodes: unknown[] = []
    const seen = new Map<object, number>()
    const primitive = (value: unknown): unknown => {
      switch (typeof value) {
        case 'undefined':
          return ['u']
        case 'bigint':
          return ['b', value.toString()]
        case 'number':
          if (!Number.isFinite(value)) return ['n', String(value)]
          return Object.is(value, -0) ? ['n', '-0'] : ['v', value]
        case 'string':
        case 'boolean':
          return ['v', value]
        default:
          throw cloneError()
      }
    }
    const complex = (value: object): unknown => {
      if (Array.isArray(value))
        return ['a', Array.from(value, (_, at) => (at in value ? visit(value[at]) : -1))]
      if (ArrayBuffer.isView(value)) {
        const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        return ['t', tagOf(value), toText(bytes)]
      }
      switch (tagOf(value)) {
        case 'Date':
          return ['d', (value as Date).getTime()]
        case 'RegExp':
          return ['r', (value as RegExp).source, (value as RegExp).flags]
        case 'Map':
          return ['m', [...(value as Map<unknown, unknown>)].flat().map(visit)]
        case 'Set':
          return ['s', [...(value as Set<unknown>)].map(visit)]
        case 'ArrayBuffer':
          return ['A', toText(new Uint8Array(value as ArrayBuffer))]
        case 'Error': {
          const { name, message, stack } = value as Error
          return ['e', name, message, stack ?? '']
        }
        case 'Object':
          return ['o', Object.keys(value).flatMap((key) => [key, visit(Reflect.get(value, key))])]
        default:
          throw cloneError()
      }
    }
    const visit = (value: unknown): number => {
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
      if (!isObject) return nodes.push(value === null ? ['v', null] : primitive(value)) - 1
      const known = seen.get(value)
      if (known !== undefined) return known
      const at = nodes.push(null) - 1
      seen.set(value, at)
      const tag = special?.(value)
      if (tag === undefined && typeof value === 'function') throw cloneError()
      nodes[at] = tag === undefined ? complex(value) : ['x', tag]
      return at
    }
    visit(root)
    return stringify(nodes)
  }

  const decode: Codec['decode'] = (text, special) => {
    const nodes = parse(text) as [string, unknown, unknown, unknown][]
    const done = new Map<number, unknown>()
    const keep = <T>(at: number, value: T): T => {
      done.set(at, value)
      return value
    }
    const visit = (at: number): unknown => {
      if (done.has(at)) return done.get(at)
      const node = nodes[at]
      if (node === undefined) throw new Error('A message between worlds is damaged.')
      const [kind, value, second, third] = node
      switch (kind) {
        case 'v':
          return value
        case 'u':
          return undefined
        case 'n':
          return Number(value)
        case 'b':
          return BigInt(value as string)
        case 'd':
          return keep(at, new Date(value as number))
        case 'r':
          return keep(at, new RegExp(value as string, second as string))
        case 'A':
          return keep(at, toBytes(value as string).buffer)
        case 't': {
          const View = views[value as string] ?? Uint8Array
          return keep(at, new View(toBytes(second as string).buffer))
        }
        case 'e': {
          const error = new Error(second as string)
          if (value !== 'Error') error.name = value as string
          error.stack = third as string
          return keep(at, error)
        }
        case 'a': {
          const indexes = value as number[]
          const array: unknown[] = keep(at, Array.from({ length: indexes.length }))
          for (const [slot, index] of indexes.entries())
            if (index === -1) Reflect.deleteProperty(array, slot)
            else array[slot] = visit(index)
          return array
        }
        case 'm': {
          const map = keep(at, new Map<unknown, unknown>())
          const flat = value as number[]
          for (let entry = 0; entry < flat.length; entry += 2)
            map.set(visit(flat[entry] as number), visit(flat[entry + 1] as number))
          return map
        }
        case 's': {
          const set = keep(at, new Set<unknown>())
          for (const index of value as number[]) set.add(visit(index))
          return set
        }
        case 'o': {
          const object = keep(at, {})
          const flat = value as (string | number)[]
          for (let entry = 0; entry < flat.length; entry += 2)
            Object.defineProperty(object, flat[entry] as string, {
              value: visit(flat[entry + 1] as number),
              writable: true,
              enumerable: true,
              configurable: true,
            })
          return object
        }
        default:
          return keep(at, special?.(value as string))
      }
    }
    return visit(0)
  }

  return { encode, decode }
}
