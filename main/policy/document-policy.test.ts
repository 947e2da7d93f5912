import { readFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { allowedValues, defaultValue } from './describe-setting.ts'
import { documentPolicy } from './document-policy.ts'
import { settings } from './settings.ts'

test('docs/policy.md is current; if not: node scripts/policy-docs.ts', async () => {
  const page = new URL('../../docs/policy.md', import.meta.url)
  const expected = await format(documentPolicy(), {
    ...(await resolveConfig(page)),
    parser: 'markdown',
  })
  expect(await readFile(page, 'utf8')).toBe(expected)
})

test('the page has one row for each setting', () => {
  const rows = documentPolicy().match(/^\| `[^`]+` \|/gm)
  expect(rows).toEqual(Object.keys(settings).map((name) => `| \`${name}\` |`))
})

test.each([
  ['workstation.kind', 'one of ward, corridor, resuscitation', '"ward"'],
  ['workstation.name', 'text of 1 to 40 characters', '"Workstation"'],
  ['session.inactivity', '300000 to 3600000 ms (5 min to 1 h)', '3600000 (1 h)'],
  ['session.tapGrace', '0 to 14400000 ms (0 ms to 4 h)', '7200000 (2 h)'],
  ['emergency.quota', '1 to 100', '6'],
  ['passkey.autoStart', 'true or false', 'true'],
  ['badge.transports', 'a list of hid, pcsc, serial', '["hid","pcsc"]'],
  ['badge.profiles', 'a list of up to 32 objects', '[]'],
  ['badge.wedge', 'null or an object', 'null'],
] as const)('%s is described as %s', (name, allowed, fallback) => {
  expect([allowedValues(name), defaultValue(name)]).toEqual([allowed, fallback])
})
