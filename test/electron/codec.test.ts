import { structuredCloneOf } from './fixtures/cloneable.ts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCodec } from './codec.ts'

const { encode, decode } = createCodec()
const roundTrip = (value: unknown) => decode(encode(value))

test('every cloneable value arrives as the structured clone gives it', () => {
  fc.assert(
    fc.property(structuredCloneOf, (value) => {
      expect(roundTrip(value)).toStrictEqual(structuredClone(value))
    }),
    { numRuns: 300 },
  )
})

test('cycles and shared references survive', () => {
  const shared = { name: 'shared' }
  const value: Record<string, unknown> = { first: shared, second: shared }
  value['self'] = value
  const copy = roundTrip(value) as Record<string, unknown>
  expect(copy['self']).toBe(copy)
  expect(copy['first']).toBe(copy['second'])
})

test.each([
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a promise', Promise.resolve()],
  ['a weak map', new WeakMap()],
  ['a function within an object', { inner: [() => 1] }],
])('%s cannot be cloned', (_, value) => {
  expect(() => encode(value)).toThrow('An object could not be cloned.')
})

test('a property called __proto__ does not change the prototype', () => {
  const copy = roundTrip(JSON.parse('{"__proto__":{"polluted":true}}')) as object
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  expect('polluted' in copy).toBe(false)
})

test('a megabyte of bytes crosses in well under a second', () => {
  const bytes = new Uint8Array(1024 * 1024).fill(7)
  const start = performance.now()
  expect((roundTrip(bytes) as Uint8Array).length).toBe(bytes.length)
  expect(performance.now() - start).toBeLessThan(1000)
})
