import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shellPageHandler } from './shell-page.ts'

let root = ''
let answer: ReturnType<typeof shellPageHandler>

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lanyard-shell-'))
  const directory = join(root, 'renderer')
  await mkdir(join(directory, 'assets'), { recursive: true })
  await writeFile(join(root, 'secret.js'), 'secret')
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, 'gallery.html'), '<!doctype html>')
  await writeFile(join(directory, 'assets', 'shell.js'), 'export {}')
  await writeFile(join(directory, 'assets', 'notes.txt'), 'x')
  await symlink(join(root, 'secret.js'), join(directory, 'assets', 'link.js'))
  answer = shellPageHandler({ rpId: 'hospital.example', directory })
})
afterAll(() => rm(root, { recursive: true }))

const get = (url: string, method = 'GET') => answer({ url, method })
const base = 'https://agent.hospital.example'

test('the shell comes with a policy that allows nothing but its own files', async () => {
  const page = await get(`${base}/`)
  expect(page.status).toBe(200)
  const csp = page.headers.get('content-security-policy') ?? ''
  expect(csp.split('; ').toSorted()).toEqual([
    "base-uri 'none'",
    "connect-src 'none'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "script-src 'self'",
    "style-src 'self'",
  ])
  expect(page.headers.get('permissions-policy')).toContain('publickey-credentials-get=(self)')
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  const script = await get(`${base}/assets/shell.js`)
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
})

test.each([
  ['another host', 'https://elsewhere.example/', 403],
  ['the domain itself', 'https://hospital.example/', 403],
  ['another port', 'https://agent.hospital.example:8443/', 403],
  ['the way up', `${base}/assets/../../secret.js`, 404],
  ['the way up, encoded', `${base}/assets/%2e%2e%2f%2e%2e%2fsecret.js`, 404],
  ['the way up, backwards', `${base}/assets/..%5c..%5csecret.js`, 404],
  ['a link that leads out', `${base}/assets/link.js`, 404],
  ['a null byte', `${base}/assets/shell.js%00.html`, 404],
  ['a broken escape', `${base}/assets/%zz.js`, 404],
  ['a folder', `${base}/assets/`, 404],
  ['a type that is not served', `${base}/assets/notes.txt`, 404],
  ['the gallery of developers', `${base}/gallery.html`, 404],
  ['a file that is not there', `${base}/assets/nothing.js`, 404],
])('%s is refused', async (_what, url, status) => {
  const response = await get(url)
  expect(response.status).toBe(status)
  expect(await response.text()).toBe('')
})

test('nothing can be sent to it', async () => {
  expect((await get(`${base}/`, 'POST')).status).toBe(403)
})
