import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a',
    'B',
    'é',
    '10',
    '9',
    '-1',
    '1a',
    '__proto__',
    'toJSON',
    '\u{1f600}',
    '\ufb33',
  ),
)
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value

test('writes whatever JSON can say as the library does', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value))
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['half of a surrogate pair', { note: '\ud800' }],
  ['half of a surrogate pair in a name', { '\udfff': 1 }],
  ['not a number', { at: Number.NaN }],
  ['infinity', [Number.POSITIVE_INFINITY]],
])('refuses what JSON cannot say: %s', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(/\S/)
})

test('refuses nothing at all', () => {
  expect(() => canonicalJson(undefined)).toThrow('no JSON form')
})

test('keeps a backslash that looks like an escape', () => {
  expect(canonicalJson({ b: '\\ud800', a: 1 })).toBe('{"a":1,"b":"\\\\ud800"}')
})
