import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { coreUser, lanyardUser, patchOp } from '../../../test/support/directory.ts'
import { isObject, type JsonObject } from './attributes.ts'
import { patched } from './patch.ts'
import { groupType, userType } from './schemas.ts'
import { ScimError } from './scim-error.ts'
import { checkDocument, type Reading, readResource } from './values.ts'

const seal = (badge: unknown): JsonObject => ({
  tag: `sealed-${JSON.stringify(badge)}`,
  technology: '',
})
const users: Reading = { type: userType, seal }
const groups: Reading = { type: groupType, seal }
const patch = (document: JsonObject, ...Operations: readonly unknown[]) =>
  patched(users, document, { schemas: [patchOp], Operations })

const work = { type: 'work', value: 'a@work.example', primary: true }
const home = { type: 'home', value: 'a@home.example' }
const user: JsonObject = {
  userName: 'a',
  active: true,
  name: { givenName: 'A', familyName: 'B' },
  emails: [work, home],
}
const withEmails = (...emails: JsonObject[]) => ({ ...user, emails })
const { emails: _none, ...noEmails } = user

/* RFC 7644, 3.5.2.1 to 3.5.2.3, and what clients made of it. */
test.each<[string, JsonObject | JsonObject[], JsonObject]>([
  ['adds what is not there', { op: 'add', path: 'title', value: 'x' }, { ...user, title: 'x' }],
  [
    'adds over what is there',
    { op: 'add', path: 'userName', value: 'b' },
    { ...user, userName: 'b' },
  ],
  [
    'merges an object',
    { op: 'add', path: 'name', value: { formatted: 'A B' } },
    { ...user, name: { givenName: 'A', familyName: 'B', formatted: 'A B' } },
  ],
  [
    'replaces parts of an object',
    { op: 'replace', path: 'name', value: { givenName: 'C' } },
    { ...user, name: { givenName: 'C', familyName: 'B' } },
  ],
  [
    'adds a value',
    { op: 'add', path: 'emails', value: [{ value: 'c' }] },
    withEmails(work, home, { value: 'c' }),
  ],
  [
    'adds a value without a list',
    { op: 'add', path: 'emails', value: { value: 'c' } },
    withEmails(work, home, { value: 'c' }),
  ],
  ['adds nothing twice', { op: 'add', path: 'emails', value: [home] }, user],
  [
    'has one primary value, the new one',
    { op: 'add', path: 'emails', value: [{ value: 'c', primary: true }] },
    withEmails({ ...work, primary: false }, home, { value: 'c', primary: true }),
  ],
  [
    'moves the primary value',
    { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
    withEmails({ ...work, primary: false }, { ...home, primary: true }),
  ],
  ['replaces all values', { op: 'replace', path: 'emails', value: [home] }, withEmails(home)],
  ['replaces by nothing', { op: 'replace', path: 'emails', value: [] }, noEmails],
  ['replaces by null', { op: 'replace', path: 'emails', value: null }, noEmails],
  [
    'replaces one value',
    { op: 'replace', path: 'emails[type eq "home"]', value: { type: 'home', value: 'c' } },
    withEmails(work, { type: 'home', value: 'c' }),
  ],
  [
    'changes a part of one value',
    { op: 'replace', path: 'emails[type eq "home"].value', value: 'c' },
    withEmails(work, { ...home, value: 'c' }),
  ],
  [
    'changes a part of all values',
    { op: 'replace', path: 'emails.display', value: 'd' },
    withEmails({ ...work, display: 'd' }, { ...home, display: 'd' }),
  ],
  [
    'makes the value that brackets describe',
    { op: 'Add', path: 'emails[type eq "other" and primary eq "False"].value', value: 'c' },
    withEmails(work, home, { type: 'other', primary: false, value: 'c' }),
  ],
  ['removes an attribute', { op: 'remove', path: 'emails' }, noEmails],
  ['removes one value', { op: 'remove', path: 'emails[type eq "work"]' }, withEmails(home)],
  [
    'removes a part of one value',
    { op: 'remove', path: 'emails[type eq "work"].primary' },
    withEmails({ type: 'work', value: 'a@work.example' }, home),
  ],
  [
    'removes a value with what it is',
    { op: 'remove', path: 'emails[type eq "work"].value' },
    withEmails(home),
  ],
  [
    'removes what the value names',
    { op: 'Remove', path: 'emails', value: [{ value: 'a@home.example' }] },
    withEmails(work),
  ],
  ['removes nothing that is not there', { op: 'remove', path: 'emails[type eq "other"]' }, user],
  ['removes nothing by an empty list', { op: 'remove', path: 'emails', value: [] }, user],
  [
    'removes a part of an object',
    { op: 'remove', path: 'name.familyName' },
    { ...user, name: { givenName: 'A' } },
  ],
  [
    'takes an object whose parts are all gone away',
    [
      { op: 'remove', path: 'name.familyName' },
      { op: 'remove', path: 'NAME.givenname' },
    ],
    (({ name: _n, ...rest }) => rest)(user),
  ],
  [
    'needs no path',
    { op: 'replace', value: { title: 'x', name: { givenName: 'C' }, emails: [home] } },
    { ...user, title: 'x', name: { givenName: 'C', familyName: 'B' }, emails: [home] },
  ],
  [
    'reads paths in the value',
    { op: 'Add', value: { 'name.givenName': 'C', 'emails[type eq "home"].value': 'c' } },
    { ...user, name: { givenName: 'C', familyName: 'B' }, emails: [work, { ...home, value: 'c' }] },
  ],
  [
    'takes full names',
    { op: 'replace', path: `${coreUser}:NAME.FamilyName`, value: 'C' },
    { ...user, name: { givenName: 'A', familyName: 'C' } },
  ],
  [
    'takes booleans as words',
    { op: 'Replace', path: 'active', value: 'False' },
    { ...user, active: false },
  ],
  [
    'does one after the other',
    [
      { op: 'add', path: 'title', value: 'x' },
      { op: 'remove', path: 'title' },
    ],
    user,
  ],
  ['takes brackets within a string', { op: 'remove', path: 'emails[value eq "]["]' }, user],
  [
    'seals badges',
    { op: 'add', path: `${lanyardUser}:badges`, value: ['b1'] },
    { ...user, [lanyardUser]: { badges: [seal('b1')] } },
  ],
  [
    'seals badges in a schema',
    { op: 'add', path: lanyardUser, value: { BADGES: 'b1' } },
    { ...user, [lanyardUser]: { badges: [seal('b1')] } },
  ],
  [
    'seals badges without a path',
    { op: 'replace', value: { [lanyardUser]: { badges: ['b1'] } } },
    { ...user, [lanyardUser]: { badges: [seal('b1')] } },
  ],
  [
    'takes badges away',
    [
      { op: 'add', path: `${lanyardUser}:badges`, value: ['b1', 'b2'] },
      { op: 'remove', path: `${lanyardUser}:badges`, value: ['b2'] },
    ],
    { ...user, [lanyardUser]: { badges: [seal('b1')] } },
  ],
  [
    'takes all badges away',
    [
      { op: 'add', path: `${lanyardUser}:badges`, value: ['b1', 'b2'] },
      { op: 'remove', path: lanyardUser },
    ],
    user,
  ],
])('a PATCH %s', (_what, operations, expected) => {
  const before = structuredClone(user)
  expect(patch(user, ...(Array.isArray(operations) ? operations : [operations]))).toEqual(expected)
  expect(user).toEqual(before)
})

test('operations in any case, and an empty path is none', () => {
  const body = { SCHEMAS: [patchOp], operations: [{ OP: 'ADD', Path: '', VALUE: { title: 'x' } }] }
  expect(patched(users, user, body)).toEqual({ ...user, title: 'x' })
})

test('names of JavaScript are names like others', () => {
  for (const path of ['__proto__', 'constructor', 'toString', 'name.__proto__'])
    expect(() => patch(user, { op: 'add', path, value: { polluted: true } })).toThrow(ScimError)
  const value: unknown = JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  )
  expect(patch(user, { op: 'add', value })).toEqual(user)
  expect(patch(user, { op: 'add', path: 'name', value })).toEqual(user)
  expect(({} as { polluted?: boolean }).polluted).toBe(undefined)
})

const names =
  'userName name name.givenName emails emails.value active title roles groups id meta.version phoneNumbers shoeSize __proto__ [ emails['
const name = fc.constantFrom(
  ...names.split(' '),
  'emails[type eq "work"]',
  'emails[type eq "other"].value',
  'emails[primary eq true].primary',
  'emails[type pr].x',
  `${coreUser}:title`,
  lanyardUser,
  `${lanyardUser}:badges`,
  '',
)
const value = fc.oneof(
  fc.constantFrom(
    'x',
    '',
    true,
    'False',
    null,
    [],
    {},
    5,
    [null],
    { value: 'a' },
    { value: 'a', primary: true },
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(name, fc.jsonValue({ maxDepth: 1 })),
)
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'Replace', 'REMOVE', 'move'),
    path: fc.oneof(name, fc.string()),
    value,
  },
  { requiredKeys: ['op'] },
)

/** Everything in a document is named by the schema and of its type. */
function isWhole(document: JsonObject): boolean {
  const again = readResource(users, { schemas: [coreUser], ...document, [lanyardUser]: {} })
  const { [lanyardUser]: _badges, ...rest } = document
  expect(again).toEqual(rest)
  checkDocument(userType, document)
  return true
}

/** The document after it, or null: refused with 400. Anything else is thrown. */
function outcome(operations: readonly unknown[]): JsonObject | null {
  try {
    return patch(user, ...operations)
  } catch (error) {
    if (error instanceof ScimError && error.status === 400) return null
    throw error
  }
}

test('whatever is sent as a PATCH, it is refused with 400 or leaves a whole resource', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
      const before = structuredClone(user)
      const after = outcome(operations)
      expect(after === null || isWhole(after)).toBe(true)
      const held = after?.[lanyardUser] ?? { badges: [] }
      expect(isObject(held) && Object.keys(held)).toEqual(['badges'])
      expect(user).toEqual(before)
    }),
    { numRuns: 1000 },
  )
})

test('members that are added and removed are those of a set', () => {
  const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
  const change = fc.record({ op: fc.constantFrom('add', 'remove', 'filter', 'replace'), ids })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      let model = new Set<string>()
      let document: JsonObject = { displayName: 'g' }
      for (const { op, ids: given } of changes) {
        const listed = given.map((value) => ({ value }))
        const operations =
          op === 'filter'
            ? given.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
            : [{ op, path: 'members', value: listed }]
        if (operations.length > 0)
          document = patched(groups, document, { schemas: [patchOp], Operations: operations })
        const set = new Set<string>(given)
        if (op === 'add') model = new Set([...model, ...set])
        else model = op === 'replace' ? set : new Set([...model].filter((id) => !set.has(id)))
      }
      const members = (document['members'] ?? []) as readonly { value: string }[]
      expect(members.map((member) => member.value).toSorted()).toEqual([...model].toSorted())
    }),
  )
})
