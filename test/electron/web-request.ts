import type { WebRequest } from 'electron'
import { Guarded } from './unsupported.ts'

type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void
type HeadersReceived = (
  details: Electron.OnHeadersReceivedListenerDetails,
  callback: (response: Electron.HeadersReceivedResponse) => void,
) => void

interface Registered<L> {
  readonly listener: L
  readonly matches: (url: string) => boolean
}

/** Match patterns of Chrome extensions: `<all_urls>`, `*://*.example/*`, `https://host/path*`. */
export const matchesPattern = (pattern: string, url: string): boolean => {
  if (pattern === '<all_urls>') return true
  const text = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/^\*:/, '(?:https?|wss?):')
    .replace(String.raw`//*\.`, String.raw`//(?:[^/]*\.)?`)
    .replaceAll(/(?<!\))\*/g, '.*')
  return new RegExp(`^${text}$`).test(url)
}

const register = <L>(args: readonly unknown[]): Registered<L> | null => {
  const listener = args.at(-1) as L | null
  if (listener === null) return null
  const filter =
    args.length === 2 ? (args[0] as Electron.WebRequestFilter) : { urls: ['<all_urls>'] }
  return {
    listener,
    matches: (url) =>
      filter.urls.some((pattern) => matchesPattern(pattern, url)) &&
      !(filter.excludeUrls ?? []).some((pattern) => matchesPattern(pattern, url)),
  }
}

/** `session.webRequest`: one listener per event, as in Electron; the last one wins. */
export class StandInWebRequest
  extends Guarded
  implements Pick<WebRequest, 'onBeforeRequest' | 'onHeadersReceived'>
{
  #beforeRequest: Registered<BeforeRequest> | null = null
  #headersReceived: Registered<HeadersReceived> | null = null
  readonly #changed: () => void

  constructor(changed: () => void) {
    super()
    this.#changed = changed
  }

  onBeforeRequest(...args: unknown[]): void {
    this.#beforeRequest = register<BeforeRequest>(args)
    this.#changed()
  }

  onHeadersReceived(...args: unknown[]): void {
    this.#headersReceived = register<HeadersReceived>(args)
    this.#changed()
  }

  get listensToRequests(): boolean {
    return this.#beforeRequest !== null
  }

  get listensToResponses(): boolean {
    return this.#headersReceived !== null
  }

  async beforeRequest(
    details: Electron.OnBeforeRequestListenerDetails,
  ): Promise<Electron.CallbackResponse> {
    const registered = this.#beforeRequest
    if (registered === null || !registered.matches(details.url)) return {}
    return await new Promise((resolve) => registered.listener(details, resolve))
  }

  async headersReceived(
    details: Electron.OnHeadersReceivedListenerDetails,
  ): Promise<Electron.HeadersReceivedResponse> {
    const registered = this.#headersReceived
    if (registered === null || !registered.matches(details.url)) return {}
    return await new Promise((resolve) => registered.listener(details, resolve))
  }
}
