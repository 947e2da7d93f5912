import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCertificate } from './certificate.ts'
import { databaseSession } from './database-session.ts'
import { parseConfig, readConfig } from './read-config.ts'
import { readSecretFile } from './read-secret-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: unknown) => (error instanceof Error ? `${error.message} ${String(error.cause)}` : ''),
  )

const pasted = [
  'open-sesame',
  '/open-sesame/b64+w==',
  '-----BEGIN PRIVATE KEY-----\nopen-sesame\n-----END PRIVATE KEY-----\n',
  `open-sesame${'x'.repeat(300)}`,
  'open-sesame\0',
]

test.each(pasted)('a secret in place of its file is not repeated: %j', async (secret) => {
  const files = { folder }
  const database = { host: 'db', name: 'l', user: 'l', port: 5432, schema: 'l', poolSize: 2 }
  const messages = await Promise.all([
    messageOf(readSecretFile('keys.file', secret, files)),
    messageOf(readCertificate({ certificate: secret, key: 'tls.key' }, files)),
    messageOf(databaseSession({ ...database, passwordFile: secret, ssl: {} }, files)),
    messageOf(databaseSession({ ...database, ssl: { ca: secret } }, files)),
  ])
  for (const [at, setting] of [
    'keys.file',
    'tls.certificate',
    'database.passwordFile',
    'database.ssl.ca',
  ].entries()) {
    expect(messages[at]).toMatch(new RegExp(`^${setting}: It names a file that is not there`))
    expect(messages[at]).toContain('what is secret belongs in that file')
    expect(messages[at]).not.toContain('sesame')
  }
})

test.each([
  ['database.passwordFile', 'passwordFile: 47114711'],
  ['database.passwordFile', `passwordFile: "4711${'x'.repeat(5_000)}"`],
  ['database.ssl.ca', 'ssl: { ca: 4711 }'],
])('what stands at %s is not repeated when it is no path at all', (setting, line) => {
  const text = `
url: https://lanyard.willowbrook.example
rpId: willowbrook.example
tls: { certificate: tls.crt, key: tls.key }
database: { host: db.willowbrook.example, name: lanyard, user: lanyard, ${line} }
`
  expect(() => parseConfig(text, 'x')).toThrow(`${setting} is wrong`)
  expect(() => parseConfig(text, 'x')).not.toThrow('4711')
})

test('a file that is there is named when others can read it', async () => {
  const path = join(folder, 'password')
  await writeFile(path, 'open-sesame', { mode: 0o600 })
  await expect(readSecretFile('keys.file', 'password', { folder })).resolves.toBe('open-sesame')
  await chmod(path, 0o640)
  const message = await messageOf(readSecretFile('keys.file', 'password', { folder }))
  expect(message).toContain(`${path} can be read by others (mode 640): chmod 600 ${path}`)
})

const config = (url: string) => `
url: https://lanyard.willowbrook.example
rpId: willowbrook.example
tls: { certificate: tls.crt, key: tls.key }
database: { url: "${url}" }
`

const configured = async (url: string, mode: number) => {
  const path = join(folder, 'authority.yaml')
  await writeFile(path, config(url))
  await chmod(path, mode)
  return { path, message: await messageOf(readConfig(path)) }
}
const withPassword = 'postgresql://lanyard:open-sesame@db.example/lanyard'

test.each([
  [withPassword, 0o644],
  [withPassword, 0o640],
  // Nothing that reads one address reads several, but the password is there all the same.
  ['postgresql://lanyard:open-sesame@a.example:1,b.example:2/lanyard', 0o644],
])('a configuration with %s that others can read is refused (mode %o)', async (url, mode) => {
  const { path, message } = await configured(url, mode)
  expect(message).toContain('database.url holds a password')
  expect(message).toContain(
    `chmod 600 ${path}, or name database.host, .name, .user and .passwordFile`,
  )
  expect(message).not.toContain('sesame')
})

test.each([
  [withPassword, 0o600],
  ['postgresql://lanyard@db.example:5432/lanyard', 0o644],
])('a configuration with %s is taken at mode %o', async (url, mode) => {
  expect((await configured(url, mode)).message).toBe('taken')
})
