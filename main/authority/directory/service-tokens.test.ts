import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import { type ScimFixture, scimFixture } from '../../../test/support/directory.ts'
import { addTokenCommands } from '../../cli/authority-token.ts'
import { CommandError } from '../../cli/outcome.ts'

const day = 86_400_000
let f: AuthorityFixture
let scim: ScimFixture
beforeEach(async () => {
  f = await authorityFixture()
  scim = await scimFixture(f)
})
afterEach(() => f.dispose())

async function command(...args: string[]) {
  const out: string[] = []
  let code: number | null = null
  const authority = new Command('authority').exitOverride()
  const output = { out: (text: string) => void out.push(text), err: () => {} }
  const registration = { authority, output, finish: (next: number) => void (code = next) }
  addTokenCommands(registration, (_config, work) => work(scim.options))
  for (const one of authority.commands.flatMap((each) => [each, ...each.commands]))
    one.exitOverride().configureOutput({ writeErr: () => {} })
  await authority.parseAsync(['token', ...args], { from: 'user' })
  return { said: JSON.parse(out.join('')) as never, code }
}
const issue = (name: string, ...more: string[]) =>
  command('issue', '--name', name, '--owner', 'Identity team', '--purpose', 'People', ...more)
const as = (token: string) =>
  scim.send('GET', '/Users', undefined, { authorization: `Bearer ${token}` })

test('a token works until it ends, and is kept as a hash only', async () => {
  const { token, expiresAt } = (await issue('entra', '--days', '2')).said as Record<string, string>
  expect(expiresAt).toBe(new Date(f.now() + 2 * day).toISOString())
  expect((await as(token ?? '')).status).toBe(200)
  const rows = await f.db.read.selectFrom('service_tokens').selectAll().execute()
  expect(JSON.stringify([rows, f.records])).not.toContain(token)
  f.advance(2 * day - 1)
  expect((await as(token ?? '')).status).toBe(200)
  f.advance(1)
  expect((await as(token ?? '')).status).toBe(401)
  expect(f.eventsOf('directory.refused')).toMatchObject([
    { outcome: 4, detail: { cause: 'expired', machine: 'entra' } },
  ])
})

test('a revoked token is refused with its next request', async () => {
  const { token } = (await issue('okta')).said as Record<string, string>
  expect((await as(token ?? '')).status).toBe(200)
  expect(await command('revoke', 'okta')).toEqual({
    said: { name: 'okta', revoked: true },
    code: 0,
  })
  expect((await as(token ?? '')).status).toBe(401)
  expect((await command('revoke', 'okta')).code).toBe(1)
  expect(f.eventsOf('service-token.revoked')).toMatchObject([{ detail: { machine: 'okta' } }])
})

test('the list says whose a token is and when it was used, not what it is', async () => {
  const { token } = (await issue('okta', '--days', '1')).said as Record<string, string>
  f.advance(1_000)
  await as(token ?? '')
  const { said } = await command('list')
  expect(said).toMatchObject([
    { name: 'directory' },
    {
      name: 'okta',
      owner: 'Identity team',
      purpose: 'People',
      scope: 'scim',
      status: 'active',
      lastUsedAt: new Date(f.now()).toISOString(),
    },
  ])
  expect(JSON.stringify(said)).not.toMatch(/hash|lanyard-scim/)
})

test('a name means one machine for ever', async () => {
  await issue('okta')
  await command('revoke', 'okta')
  await expect(issue('okta')).rejects.toThrow(CommandError)
})

test.each([
  ['no owner', ['issue', '--name', 'a', '--purpose', 'b']],
  ['an empty owner', ['issue', '--name', 'a', '--owner', ' ', '--purpose', 'b']],
  ['more than a year', ['issue', '--name', 'a', '--owner', 'b', '--purpose', 'c', '--days', '366']],
  ['no day', ['issue', '--name', 'a', '--owner', 'b', '--purpose', 'c', '--days', '0']],
  ['a name that is none', ['issue', '--name', 'A b', '--owner', 'b', '--purpose', 'c']],
])('a token with %s is not issued', async (_what, args) => {
  const refusal: unknown = await command(...args).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Error)
  expect(f.eventsOf('service-token.issued')).toHaveLength(1)
})

test.each([
  ['nothing', ''],
  ['another scheme', 'Basic abc'],
  ['a guess', 'Bearer lanyard-scim-guess'],
  ['too much', `Bearer ${'x'.repeat(300)}`],
])('%s opens nothing, and whoever goes on does not fill the log', async (_what, authorization) => {
  for (let n = 0; n < 5; n++)
    expect((await scim.send('POST', '/Users', {}, { authorization })).status).toBe(401)
  expect(f.eventsOf('directory.refused')).toMatchObject([{ detail: { cause: 'unknown' } }])
  f.advance(60_000)
  await scim.send('GET', '/Users', undefined, { authorization })
  expect(f.eventsOf('directory.refused')).toHaveLength(2)
})

test('a machine that asks too often has to wait', async () => {
  const statuses = new Map<number, number>()
  for (let n = 0; n < 220; n++) {
    const { status } = await scim.send('GET', '/Schemas')
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect(statuses).toEqual(
    new Map([
      [200, 200],
      [429, 20],
    ]),
  )
  const { headers } = await scim.send('GET', '/Schemas')
  expect(headers.get('retry-after')).toBe('1')
  f.advance(1_000)
  expect((await scim.send('GET', '/Schemas')).status).toBe(200)
})
