import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Hono } from 'hono'
import { contentSecurityPolicy } from './pages.ts'

const resolve = createRequire(import.meta.url).resolve
const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  woff2: 'font/woff2',
} as const

const fontFile = '@fontsource-variable/atkinson-hyperlegible-next'

/** Files of a page by their path on the server: a URL beside the code or a file of a package. */
export const createAssets = async (
  files: Readonly<Record<`/${string}`, URL | string>>,
): Promise<Hono> => {
  const routes = new Hono()
  const all: Record<string, URL | string> = {
    '/shared.css': new URL('./shared.css', import.meta.url),
    '/font.woff2': `${fontFile}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2`,
    ...files,
  }
  for (const [path, file] of Object.entries(all)) {
    const bytes = await readFile(typeof file === 'string' ? resolve(file) : file)
    const extension = path.slice(path.lastIndexOf('.') + 1) as keyof typeof types
    routes.get(path, (context) =>
      context.body(new Uint8Array(bytes), 200, {
        'content-type': types[extension],
        'cache-control': 'no-cache',
      }),
    )
  }
  return routes
}

/** Headers of every answer; pages hold patients, so nothing may be kept. */
export const securityHeaders = (application: Hono<never> | Hono): void => {
  ;(application as Hono).use('*', async (context, next) => {
    await next()
    context.header('content-security-policy', contentSecurityPolicy)
    // Not `no-referrer`: with it a form's own Origin header says `null`.
    context.header('referrer-policy', 'same-origin')
    context.header('x-content-type-options', 'nosniff')
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
  })
}
