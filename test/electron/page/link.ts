import type { Codec } from '../codec.ts'

/** One end of the link between the two worlds of a frame. */
export interface Link {
  /** Runs `name` on the other side, synchronously; values are cloned, functions proxied. */
  send(name: string, ...args: readonly unknown[]): unknown
}

/**
 * Joins the preload's world and the page's by synchronous events of the window that both share.
 * As with Electron's bridge, values are cloned, functions and promises are proxied, and an error
 * keeps its message only. The event's name is a secret of this pair of scripts; who learnt it could
 * call what is exposed, which every script of the page can do anyway.
 *
 * Sent to the pages as source text: it must not use anything from outside itself.
 */
export const createLink = (options: {
  readonly codec: Codec
  readonly secret: string
  readonly side: 'page' | 'preload'
  readonly handlers: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
}): Link => {
  const { codec, secret, side, handlers } = options
  const { CustomEvent: Carrier } = globalThis
  const dispatch = globalThis.dispatchEvent.bind(globalThis)
  const { stringify, parse } = JSON
  const incoming = `${secret}:${side}`
  const outgoing = `${secret}:${side === 'page' ? 'preload' : 'page'}`

  const exported = new Map<string, (...args: readonly unknown[]) => unknown>()
  const idOf = new WeakMap<object, string>()
  const settlers = new Map<string, (ok: boolean, value: unknown) => void>()
  const results = new Map<number, { readonly ok: boolean; readonly value: string }>()
  let count = 0

  const special = (value: object): string | undefined => {
    const isPromise = value instanceof Promise
    if (typeof value !== 'function' && !isPromise) return undefined
    const known = idOf.get(value)
    if (known !== undefined) return known
    count += 1
    const id = `${isPromise ? 'promise' : 'function'}:${count}`
    idOf.set(value, id)
    if (isPromise)
      void value.then(
        (result: unknown) => post({ kind: 'settle', id, ok: true, value: encode(result) }),
        (error: unknown) => post({ kind: 'settle', id, ok: false, value: encode(plain(error)) }),
      )
    else exported.set(id, value as (...args: readonly unknown[]) => unknown)
    return id
  }
  const revive = (id: string): unknown => {
    if (id.startsWith('function:'))
      return (...args: readonly unknown[]) => call({ target: id, args })
    return new Promise((resolve, reject) => {
      settlers.set(id, (ok, value) => {
        if (ok) resolve(value)
        else reject(value)
      })
    })
  }
  const encode = (value: unknown) => codec.encode(value, special)
  const decode = (text: string) => codec.decode(text, revive)
  /** Everything but the message is lost, as with Electron. */
  const plain = (error: unknown) => (error instanceof Error ? new Error(error.message) : error)
  const post = (message: object) => {
    dispatch(new Carrier(outgoing, { detail: stringify(message) }))
  }

  const call = (request: { readonly target: string; readonly args: readonly unknown[] }) => {
    count += 1
    const id = count
    post({ kind: 'call', id, target: request.target, args: encode(request.args) })
    const result = results.get(id)
    results.delete(id)
    if (result === undefined) throw new Error('The other world of this frame is gone.')
    const value = decode(result.value)
    if (!result.ok) throw value
    return value
  }

  const answer = (target: string, args: string): { ok: boolean; value: string } => {
    try {
      const run = exported.get(target) ?? handlers[target]
      if (run === undefined) throw new Error(`Nothing is called ${target} here.`)
      return { ok: true, value: encode(run(...(decode(args) as readonly unknown[]))) }
    } catch (error) {
      return { ok: false, value: encode(plain(error)) }
    }
  }

  globalThis.addEventListener(incoming, (event) => {
    const message = parse((event as CustomEvent<string>).detail) as
      | { kind: 'call'; id: number; target: string; args: string }
      | { kind: 'return'; id: number; ok: boolean; value: string }
      | { kind: 'settle'; id: string; ok: boolean; value: string }
    switch (message.kind) {
      case 'call':
        post({ kind: 'return', id: message.id, ...answer(message.target, message.args) })
        return
      case 'return':
        results.set(message.id, message)
        return
      default: {
        const settle = settlers.get(message.id)
        settlers.delete(message.id)
        settle?.(message.ok, decode(message.value))
      }
    }
  })

  return { send: (name, ...args) => call({ target: name, args }) }
}
