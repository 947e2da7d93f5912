import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hue, incomingPerson, personView, witnessName } from './names.ts'

const elin = { person_id: 'p1', given: 'Élin', family: 'de Boer', role: 'nurse' }

test.each([
  ['first-initial', { personId: 'p1', label: 'Élin D.', initials: 'ÉD' }],
  ['initials', { personId: 'p1', label: 'ÉD', initials: 'ÉD' }],
  ['none', { personId: 'p1', label: '', initials: '' }],
] as const)('before verification, with policy "%s", no more shows than that', (before, shown) => {
  expect(incomingPerson(elin, { 'screen.nameBefore': before })).toEqual(shown)
})

test('after verification the full name shows to its owner, the short form to others', () => {
  expect(personView(elin)).toMatchObject({ displayName: 'Élin de Boer', label: 'Élin D.' })
  expect(witnessName(elin)).toBe('Élin D.')
})

test('initials are whole characters, composed or not', () => {
  const decomposed = { ...elin, given: 'E\u0301lin' }
  expect(personView(decomposed).initials).toBe('E\u0301D')
})

test('the hue of a person is always the same and within the circle', () => {
  expect(hue('p1')).toBe(hue('p1'))
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(hue(id)).toBeGreaterThanOrEqual(0)
      expect(hue(id)).toBeLessThan(360)
    }),
  )
})
