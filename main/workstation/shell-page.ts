import { readFile, realpath } from 'node:fs/promises'
import { extname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { Protocol } from 'electron'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
}

const headers = (type: string) => ({
  'content-type': type,
  'content-security-policy': policy,
  'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
})

/** WebAuthn accepts a page of this origin only; no server answers under this name. */
export const shellOrigin = (rpId: string): string => `https://agent.${rpId}`

const refusal = (status: 403 | 404): Response =>
  new Response(null, { status, headers: headers('text/plain; charset=utf-8') })

/** `null` unless the path leads to a file inside `directory`, links resolved. */
export const containedFile = async (
  directory: string,
  pathname: string,
): Promise<string | null> => {
  let name: string
  try {
    name = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (name.includes('\0') || name.includes('\\')) return null
  try {
    const root = await realpath(directory)
    const file = await realpath(resolve(root, `.${name}`))
    const inside = relative(root, file)
    const outside = inside === '' || inside.startsWith(`..${sep}`) || inside === '..'
    return outside || isAbsolute(inside) ? null : file
  } catch {
    return null
  }
}

/** Of the built renderer only the shell and its parts; the gallery is for developers. */
const isServed = (pathname: string): boolean =>
  pathname === '/' || pathname === '/index.html' || pathname.startsWith('/assets/')

/** Answers the shell's own origin from the built renderer, and refuses every other address. */
export const shellPageHandler =
  ({ rpId, directory }: { readonly rpId: string; readonly directory: string }) =>
  async (request: Pick<Request, 'url' | 'method'>): Promise<Response> => {
    const { origin, pathname } = new URL(request.url)
    if (origin !== shellOrigin(rpId) || request.method !== 'GET') return refusal(403)
    if (!isServed(pathname)) return refusal(404)
    const file = await containedFile(directory, pathname === '/' ? '/index.html' : pathname)
    const type = file === null ? undefined : types[extname(file)]
    if (file === null || type === undefined) return refusal(404)
    return new Response(await readFile(file), { headers: headers(type) })
  }

/** Only in the partition `shell`: the partitions of applications are never intercepted. */
export const serveShell = (
  protocol: Pick<Protocol, 'handle'>,
  options: Parameters<typeof shellPageHandler>[0],
): void => {
  protocol.handle('https', shellPageHandler(options))
  protocol.handle('http', () => refusal(403))
}
