import { expect, test } from 'vitest'
import { directoryConfigSchema } from './config.ts'
import { entitlementOf, isMapped, namesOf } from './mapping.ts'

const config = directoryConfigSchema.parse({
  groups: [
    { group: 'Privacy', role: 'privacy-officer', applications: ['ehr'] },
    { group: 'Nurses', role: 'nurse', applications: ['ehr', 'lab'] },
    { group: 'Imaging', applications: ['imaging'] },
  ],
  roles: [{ value: 'doctor', role: 'physician', applications: ['ehr'] }],
  titles: [{ title: 'IT Engineer', role: 'it-engineer' }],
})
const group = (display_name: string, external_id: string | null = null) => ({
  display_name,
  external_id,
})

test.each([
  ['nothing fits', {}, [], null, []],
  ['a group fits', {}, [group('nurses')], 'nurse', ['ehr', 'lab']],
  ['a group fits by its externalId', {}, [group('x', 'NURSES')], 'nurse', ['ehr', 'lab']],
  [
    'two fit: the first that is written',
    {},
    [group('Nurses'), group('Privacy')],
    'privacy-officer',
    ['ehr', 'lab'],
  ],
  ['a group gives no role', {}, [group('Imaging')], null, ['imaging']],
  [
    'group before role',
    { roles: [{ value: 'Doctor' }] },
    [group('Nurses')],
    'nurse',
    ['ehr', 'lab'],
  ],
  [
    'role before title',
    { roles: [{ value: 'doctor' }], title: 'IT engineer' },
    [],
    'physician',
    ['ehr'],
  ],
  ['a title fits', { title: ' it ENGINEER ' }, [], 'it-engineer', []],
  ['a role of ours that no rule names', { roles: [{ value: 'it-engineer' }] }, [], null, []],
])('%s', (_what, document, groups, role, applications) => {
  expect(entitlementOf(config, document, groups)).toEqual({ role, applications })
})

test('only groups with a rule concern anybody', () => {
  expect(isMapped(config, group('NURSES'))).toBe(true)
  expect(isMapped(config, group('x', 'imaging'))).toBe(true)
  expect(isMapped(config, group('Choir'))).toBe(false)
})

test.each([
  [{ name: { givenName: ' Ida ', familyName: 'van  Example' } }, 'Ida', 'van Example'],
  [{ name: { givenName: 'Ida' }, displayName: 'Other Name' }, 'Ida', ''],
  [{ name: { familyName: 'Example' } }, 'Example', ''],
  [{ name: { formatted: 'Ida Maria Example' } }, 'Ida Maria', 'Example'],
  [{ displayName: 'Ida' }, 'Ida', ''],
  [{ userName: 'ida.example@hospital.example' }, 'ida.example', ''],
])('%j is %s %s', (document, given, family) => {
  expect(namesOf(document)).toEqual({ given, family })
})

test.each([
  [{ groups: [{ group: 'a', role: 'admin' }] }],
  [{ groups: [{ group: '' }] }],
  [{ titles: [{ title: 'a', applications: ['Not an id'] }] }],
  [{ people: [] }],
])('%j is no configuration', (wrong) => {
  expect(directoryConfigSchema.safeParse(wrong).success).toBe(false)
})
