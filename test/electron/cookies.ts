import type { Cookie as ElectronCookie, Cookies } from 'electron'
import type { BrowserContext, Cookie } from 'playwright-core'
import { Guarded } from './unsupported.ts'

const sameSiteOf = { None: 'no_restriction', Lax: 'lax', Strict: 'strict' } as const
const sameSiteTo = { no_restriction: 'None', lax: 'Lax', strict: 'Strict' } as const

const toElectron = (cookie: Cookie): ElectronCookie => ({
  name: cookie.name,
  value: cookie.value,
  domain: cookie.domain,
  hostOnly: !cookie.domain.startsWith('.'),
  path: cookie.path,
  secure: cookie.secure,
  httpOnly: cookie.httpOnly,
  session: cookie.expires === -1,
  ...(cookie.expires === -1 ? {} : { expirationDate: cookie.expires }),
  sameSite: sameSiteOf[cookie.sameSite],
})

const inDomain = (cookie: ElectronCookie, domain: string): boolean => {
  const own = (cookie.domain ?? '').replace(/^\./, '')
  const wanted = domain.replace(/^\./, '')
  return own === wanted || own.endsWith(`.${wanted}`)
}

/** `session.cookies`: the cookies that Chromium really holds in the partition. */
export class StandInCookies extends Guarded implements Pick<Cookies, 'get' | 'set' | 'remove'> {
  readonly #context: () => Promise<BrowserContext>

  constructor(context: () => Promise<BrowserContext>) {
    super()
    this.#context = context
  }

  async get(filter: Parameters<Cookies['get']>[0]): Promise<ElectronCookie[]> {
    const context = await this.#context()
    const found = await context.cookies(filter.url)
    return found
      .map(toElectron)
      .filter(
        (cookie) =>
          (filter.name === undefined || cookie.name === filter.name) &&
          (filter.domain === undefined || inDomain(cookie, filter.domain)) &&
          (filter.path === undefined || cookie.path === filter.path) &&
          (filter.secure === undefined || cookie.secure === filter.secure) &&
          (filter.httpOnly === undefined || cookie.httpOnly === filter.httpOnly) &&
          (filter.session === undefined || cookie.session === filter.session),
      )
  }

  async set(details: Parameters<Cookies['set']>[0]): Promise<void> {
    const url = new URL(details.url)
    const sameSite = details.sameSite ?? 'unspecified'
    const context = await this.#context()
    await context.addCookies([
      {
        name: details.name ?? '',
        value: details.value ?? '',
        domain: details.domain ?? url.hostname,
        path: details.path ?? '/',
        secure: details.secure ?? false,
        httpOnly: details.httpOnly ?? false,
        ...(details.expirationDate === undefined ? {} : { expires: details.expirationDate }),
        ...(sameSite === 'unspecified' ? {} : { sameSite: sameSiteTo[sameSite] }),
      },
    ])
  }

  async remove(url: string, name: string): Promise<void> {
    const context = await this.#context()
    for (const cookie of await context.cookies(url))
      if (cookie.name === name)
        await context.clearCookies({ name, domain: cookie.domain, path: cookie.path })
  }
}
