import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { coreUser } from '../../../test/support/directory.ts'
import type { JsonObject } from './attributes.ts'
import { filterFor, matches } from './filter.ts'
import { comparators } from './filter-syntax.ts'
import { userType } from './schemas.ts'
import { ScimError } from './scim-error.ts'

const user: JsonObject = {
  schemas: [coreUser],
  id: 'Id1',
  externalId: 'E1',
  userName: 'BJensen',
  active: true,
  name: { familyName: "O'Malley", givenName: 'Barbara' },
  title: 'Head "a and b"',
  preferredLanguage: '',
  emails: [
    { type: 'work', value: 'bjensen@example.com', primary: true },
    { type: 'home', value: 'babs@example.org' },
  ],
  meta: { lastModified: '2011-05-13T04:42:34.000Z', resourceType: 'User' },
}
/** Whether it holds, or null: it was refused as the RFC demands. Anything else is thrown. */
function outcome(filter: string): boolean | null {
  try {
    return holds(filter)
  } catch (error) {
    const { status, scimType } = error as ScimError
    if (error instanceof ScimError && status === 400 && scimType === 'invalidFilter') return null
    throw error
  }
}
const holds = (filter: string, of = user) => matches(filterFor(userType, filter), of)

/* The examples of RFC 7644, 3.4.2.2 first, then its rules one by one. */
test.each([
  ['userName eq "bjensen"', true],
  [`name.familyName co "O'Malley"`, true],
  ['userName sw "J"', false],
  [`${coreUser}:userName sw "B"`, true],
  ['title pr', true],
  ['meta.lastModified gt "2011-05-13T04:42:34Z"', false],
  ['meta.lastModified ge "2011-05-13T04:42:34Z"', true],
  ['meta.lastModified lt "2011-05-13T06:42:35+02:00"', true],
  ['meta.lastModified le "2011-05-13T04:42:33Z"', false],
  ['title pr and userType eq "Employee"', false],
  ['title pr or userType eq "Intern"', true],
  [`schemas eq "${coreUser}"`, true],
  [
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    false,
  ],
  ['userName pr and (emails.type eq "work")', true],
  ['emails[type eq "work" and value co "@example.com"]', true],
  ['emails[type eq "work" and value co "@example.org"]', false],
  ['emails.type eq "work" and emails.value co "@example.org"', true],
  ['emails[type eq "home"] or emails[type eq "other"]', true],
  ['emails[type eq "home"].value ew ".ORG"', true],
  ['emails[type eq "work"] eq "babs@example.org"', false],
  ['emails[not (type eq "work")]', true],
  ['emails[primary eq "True"]', true],
  ['USERNAME EQ "bjensen" AND Active EQ TRUE', true],
  ['active eq "False"', false],
  ['active ne false', true],
  ['id eq "id1"', false],
  ['externalId eq "E1"', true],
  ['preferredLanguage pr', false],
  ['nameless pr or userName pr', null],
  ['userType eq null', true],
  ['userName ne null', true],
  ['userType ne "x"', true],
  ['userType gt "x"', false],
  ['userName gt "a" and userName lt "c" and userName ge "BJENSEN" and userName le "bjensen"', true],
  ['not (userName eq "bjensen" and title eq "x")', true],
  ['not (title eq "Head \\"a and b\\"")', false],
  ['title eq "Head \\u0022a and b\\u0022"', true],
  ['userName eq "x" or userName eq "bjensen" and active eq true', true],
  ['(userName eq "x" or userName eq "bjensen") and active eq false', false],
  ['name pr', true],
  ['name eq "x"', null],
  ['name.givenName.x pr', null],
  ['active gt true', null],
  ['active eq "perhaps"', null],
  ['active co "t"', null],
  ['userName eq 5', null],
  ['userName gt null', null],
  ['meta.created eq "yesterday"', null],
  ['meta.created co "2011-05-13T04:42:34Z"', null],
  ['userName[type eq "x"]', null],
  ['emails[emails[type eq "x"]]', null],
  ['emails[shoeSize pr]', null],
  ['not userName pr', null],
  ['userName eq bjensen', null],
  ["userName eq 'bjensen'", null],
  ['userName', null],
  ['(userName pr', null],
  ['userName pr)', null],
  ['userName pr userName pr', null],
  ['and', null],
  ['', null],
  ['.value eq "x"', null],
  ['password eq "x"', null],
])('%s: %s', (filter, expected) => {
  expect(outcome(filter)).toBe(expected)
})

test('composed and decomposed letters are the same', () => {
  expect(holds('userName eq "Jose\u0301"', { userName: 'JOSÉ' })).toBe(true)
})

test('a filter is bounded in length and depth', () => {
  expect(() => filterFor(userType, `userName eq "${'x'.repeat(4096)}"`)).toThrow('at most 4096')
  const deep = (n: number) => `${'('.repeat(n)}active pr${')'.repeat(n)}`
  expect(holds(deep(16))).toBe(true)
  expect(() => filterFor(userType, deep(17))).toThrow('deep')
})

/** Parsing and matching together, counted in steps of the filter: the library doubles with each. */
test('many alternatives in many conditions cost no more than their number', () => {
  const clause = '(userName eq "a" or title eq "b")'
  const filter = filterFor(userType, Array(100).fill(clause).join(' and '))
  expect(JSON.stringify(filter).match(/"compare"/g)).toHaveLength(200)
})

const pieces =
  '( ) [ ] not and or pr eq co gt .value " \\ userName emails emails.type active meta.created name "work" true null 1e9 - é'
const piece = fc.constantFrom(...pieces.split(' '), ' ')

test('whatever is sent as a filter, it is read or refused with 400', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((parts) => parts.join(' ')),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (text) => {
        expect([true, false, null]).toContain(outcome(text))
      },
    ),
    { numRuns: 2000 },
  )
})

/** A filter beside what it has to come to, by the rules of logic. */
const logic: fc.Arbitrary<{ text: string; value: boolean }> = fc.letrec<{
  tree: { text: string; value: boolean }
}>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      { text: 'userName eq "BJENSEN"', value: true },
      { text: 'emails[type eq "home" and primary eq true]', value: false },
      { text: 'title co "and"', value: true },
      { text: 'userType pr', value: false },
    ),
    tie('tree').map(({ text, value }) => ({ text: `not (${text})`, value: !value })),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => ({
      text: of.map(({ text }) => `(${text})`).join(' and '),
      value: of.every(({ value }) => value),
    })),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => ({
      text: of.map(({ text }) => `(${text})`).join(' or '),
      value: of.some(({ value }) => value),
    })),
  ),
})).tree

test('and, or and not mean what they mean', () => {
  fc.assert(
    fc.property(logic, ({ text, value }) => {
      fc.pre(text.length <= 4096)
      expect(holds(text)).toBe(value)
    }),
  )
})

test('what a comparison says of a text is what it says of its parts', () => {
  const word = fc.stringMatching(/^[a-zA-Z]{0,4}$/)
  fc.assert(
    fc.property(word, word, fc.constantFrom(...comparators), (actual, wanted, comparator) => {
      const [a, b] = [actual.toLowerCase(), wanted.toLowerCase()]
      const expected = {
        eq: a === b,
        ne: a !== b,
        co: a.includes(b),
        sw: a.startsWith(b),
        ew: a.endsWith(b),
        gt: a > b,
        ge: a >= b,
        lt: a < b,
        le: a <= b,
      }[comparator]
      // An empty text is none at all (RFC 7643, 2.5).
      const value = actual === '' ? comparator === 'ne' : expected
      expect(holds(`title ${comparator} "${wanted}"`, { title: actual })).toBe(value)
    }),
  )
})
