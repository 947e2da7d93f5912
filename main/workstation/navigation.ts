import type { WebContents } from 'electron'

/** An origin, as `https://host:port`, out of an address; `null` for anything but plain http(s). */
export const originOf = (address: string): string | null => {
  if (!URL.canParse(address)) return null
  const { protocol, username, password, origin } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:') return null
  // `https://ehr.example@elsewhere.example` is made to be misread.
  return username === '' && password === '' ? origin : null
}

/** Exactly one of these origins, after parsing; no prefixes, no wildcards. */
export const mayNavigate = (address: string, origins: ReadonlySet<string>): boolean => {
  const origin = originOf(address)
  return origin !== null && origins.has(origin)
}

/** A blank frame holds only what its own page puts there. */
const blankFrames = new Set(['about:blank', 'about:srcdoc'])

/** What a refusal may say: the origin, never the path, which may name a patient. */
const sayable = (address: string): string => originOf(address) ?? 'another scheme'

interface Navigation {
  readonly url: string
  readonly isMainFrame: boolean
  preventDefault(): void
}

/** Keeps a view, its frames and its redirects inside `origins`; it opens no windows. */
export const guardNavigation = (
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  origins: ReadonlySet<string>,
  report: (origin: string, how: string) => void,
): void => {
  const guard = (how: string) => (event: Navigation) => {
    if (mayNavigate(event.url, origins)) return
    if (!event.isMainFrame && blankFrames.has(event.url)) return
    event.preventDefault()
    report(sayable(event.url), how)
  }
  contents.on('will-navigate', guard('navigation'))
  contents.on('will-frame-navigate', guard('frame'))
  contents.on('will-redirect', guard('redirect'))
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    report(sayable(url), 'window')
    return { action: 'deny' }
  })
}
