import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser'
import { describe, expect, test } from 'vitest'
import { de } from './de.ts'
import { en, type MessageKey } from './en.ts'
import { createTranslate } from './translate.ts'

const keys = Object.keys(en) as MessageKey[]

function argumentsOf(elements: readonly MessageFormatElement[]): readonly string[] {
  const found = elements.flatMap((element) => {
    if (element.type === TYPE.plural || element.type === TYPE.select)
      return [
        element.value,
        ...Object.values(element.options).flatMap(({ value }) => argumentsOf(value)),
      ]
    return element.type === TYPE.argument ? [element.value] : []
  })
  return [...new Set(found)].toSorted()
}

/** The same word in both languages, or a name. */
const sameInBoth: ReadonlySet<string> = new Set([
  'product.name',
  'language.en',
  'language.de',
  'verify.step.passkey',
  'enrol.name.label',
  'badge.step.form',
  'badge.form.name',
  'readers.col.format',
  'reviews.due',
  'reviews.patient',
  'fault.code',
])

describe('the catalogue', () => {
  test('German has the keys of English, no more and no fewer', () => {
    expect(Object.keys(de).toSorted()).toEqual(keys.toSorted())
  })

  test.each(keys)('%s is ICU in both languages, with the same arguments', (key) => {
    expect(argumentsOf(parse(de[key]))).toEqual(argumentsOf(parse(en[key])))
  })

  test.each(keys.filter((key) => !sameInBoth.has(key)))('%s is translated', (key) => {
    expect(de[key]).not.toBe(en[key])
  })

  test.each(keys)('%s keeps to the rules of copy', (key) => {
    for (const message of [en[key], de[key]]) {
      expect(message.trim()).toBe(message)
      expect(message).not.toMatch(/['"]/)
      // A short form ends with a dot ("Mary U."); a second one would follow.
      expect(message).not.toMatch(/\{(?:name|witness|requester)\}[.…]/)
      expect(message).not.toMatch(/\b(?:error|Fehler|please|bitte|sorry|failed)\b/i)
      expect(message).not.toMatch(/\p{Extended_Pictographic}/u)
    }
  })

  test.each(keys.filter((key) => key.endsWith('.title') && !en[key].includes('{')))(
    '%s is a headline of few words',
    (key) => {
      expect(en[key].split(' ').length).toBeLessThanOrEqual(6)
    },
  )
})

describe('createTranslate', () => {
  test('counts in the grammar of each language', () => {
    expect(createTranslate('en')('locked.waiting', { count: 1 })).toContain('1 colleague has')
    expect(createTranslate('en')('locked.waiting', { count: 3 })).toContain('3 colleagues have')
    expect(createTranslate('de')('warning.title', { seconds: 1 })).toBe('Sperrt in 1 Sekunde')
  })

  test('puts names in without interpreting them', () => {
    expect(createTranslate('en')('shielded.title', { name: '{x} <b>' })).toBe('Locked by {x} <b>')
  })
})
