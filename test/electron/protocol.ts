import type { Protocol } from 'electron'
import { Guarded, UnsupportedError } from './unsupported.ts'

type Handler = Parameters<Protocol['handle']>[1]

/** A request of a page as Chromium paused it. */
export interface PausedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** The whole body, or null when there is none. */
  readonly body: Uint8Array<ArrayBuffer> | null
}

/** An answer ready for `Fetch.fulfillRequest`; `set-cookie` may occur several times. */
export interface Fulfilment {
  readonly responseCode: number
  readonly responsePhrase: string
  readonly responseHeaders: readonly { readonly name: string; readonly value: string }[]
  readonly body: string
}

/** `session.protocol`: handlers of `http` and `https` for the requests of one partition. */
export class StandInProtocol
  extends Guarded
  implements Pick<Protocol, 'handle' | 'unhandle' | 'isProtocolHandled'>
{
  readonly #handlers = new Map<string, Handler>()
  readonly #changed: () => void

  constructor(changed: () => void) {
    super()
    this.#changed = changed
  }

  handle(scheme: string, handler: Handler): void {
    if (scheme !== 'http' && scheme !== 'https')
      throw new UnsupportedError(`protocol.handle for the scheme '${scheme}'`)
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`)
    this.#handlers.set(scheme, handler)
    this.#changed()
  }

  unhandle(scheme: string): void {
    if (!this.#handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`)
    this.#changed()
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme)
  }

  handlerOf(url: string): Handler | undefined {
    return this.#handlers.get(url.slice(0, Math.max(0, url.indexOf(':'))))
  }

  get schemes(): readonly string[] {
    return [...this.#handlers.keys()]
  }
}

/** Runs a handler. Throws what it throws; an answer of `Response.error()` gives null. */
export const fulfil = async (
  handler: Handler,
  { url, method, headers, body }: PausedRequest,
): Promise<Fulfilment | null> => {
  const response = await handler(new Request(url, { method, headers, body }))
  if (!(response instanceof Response))
    throw new TypeError('The protocol handler answered something other than a Response.')
  if (response.type === 'error') return null
  const bytes = Buffer.from(await response.arrayBuffer())
  const cookies = response.headers.getSetCookie()
  const others = [...response.headers].filter(([name]) => name !== 'set-cookie')
  return {
    responseCode: response.status,
    responsePhrase: response.statusText === '' ? 'OK' : response.statusText,
    responseHeaders: [
      ...others.map(([name, value]) => ({ name, value })),
      ...cookies.map((value) => ({ name: 'set-cookie', value })),
    ],
    body: bytes.toString('base64'),
  }
}
