import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withEnrolment } from '../../scripts/installer-project.ts'

const template = await readFile(
  join(import.meta.dirname, '../../node_modules/app-builder-lib/templates/msi/template.xml'),
  'utf8',
)
const project = withEnrolment(template)

test('everything that electron-builder writes is kept', () => {
  let at = 0
  for (const line of template.split('\n').filter((one) => one.trim() !== '')) {
    const next = project.indexOf(line, at)
    expect(next, line).toBeGreaterThanOrEqual(at)
    at = next + line.length
  }
})

test('both properties can be set from outside and reach the service; the token is a hidden one', () => {
  expect(project).toMatch(/<Property Id="LANYARD_AUTHORITY_URL" Secure="yes"\/>/)
  expect(project).toMatch(/<Property Id="LANYARD_ENROLMENT_TOKEN" Secure="yes" Hidden="yes"\/>/)
})

test('the file is one of the component that the feature installs, and is written only for an address', () => {
  const [, feature] = /<Feature [^>]*>([^]*?)<\/Feature>/.exec(project) ?? []
  expect(feature).toContain('<ComponentGroupRef Id="EnrolmentComponents"/>')
  const [, group] =
    /<ComponentGroup Id="EnrolmentComponents"[^>]*>([^]*?)<\/ComponentGroup>/.exec(project) ?? []
  expect(group).toMatch(/<Component Id="enrolment"[^>]* KeyPath="yes">\s*<Condition>LANYARD_AUTHOR/)
  const lines = [...(group ?? '').matchAll(/<IniFile [^>]*Key="(\w+)" Value="\[(\w+)\]"/g)]
  expect(lines.map(([, key, property]) => [key, property])).toEqual([
    ['url', 'LANYARD_AUTHORITY_URL'],
    ['token', 'LANYARD_ENROLMENT_TOKEN'],
  ])
})

test('the account at the machine reads and deletes the file, and writes nothing in its folder', () => {
  const [, rights = ''] = /<PermissionEx Sddl="([^"]+)"/.exec(project) ?? []
  // Protected: what the folder above allows does not count.
  expect(rights).toMatch(/^D:P/)
  const entries = [...rights.matchAll(/\(A;(\w*);(\w+);;;(\w+)\)/g)]
  expect(entries.map(([, , access, account]) => `${account} ${access}`)).toEqual([
    'SY FA',
    'BA FA',
    'IU FRFX',
    'IU FRSD',
  ])
})

test('a template without a place for it stops the build', () => {
  expect(() => withEnrolment('<Wix/>')).toThrow(/mend scripts\/installer-project\.ts/)
})
