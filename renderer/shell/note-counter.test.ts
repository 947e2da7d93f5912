import { expect, test } from 'vitest'
import { createTranslate } from '../ui/strings/translate.ts'
import { noteCounter } from './note-counter.ts'

const t = createTranslate('en')

test.each([
  ['', '10 more characters needed'],
  ['123456789', '1 more character needed'],
  ['  123456789  ', '1 more character needed'],
  ['1234567890', 'Enough detail'],
  ['x'.repeat(450), '50 characters left'],
])('%j: %s', (note, expected) => {
  expect(noteCounter(t, note)).toBe(expected)
})
