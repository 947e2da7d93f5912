import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { technologyOf, unfitness } from './badge-fitness.ts'

test.each([
  ['a Wiegand card', 'WIEGAND|H10301|26|17|4021', null],
  ['a card known by its bits', 'WIEGAND|RAW|40|12345abcde', null],
  ['a UID of seven bytes', 'ISO14443A|RAW|56|04a1b2c3d4e5f6', null],
  ['a UID of four bytes', 'ISO14443A|RAW|32|04a1b2c3', null],
  ['a random UID', 'ISO14443A|RAW|32|08a1b2c3', 'random'],
  ['a random UID of DESFire EV1', 'ISO14443A|RAW|32|80a1b2c3', 'random'],
  ['half a UID', 'ISO14443A|RAW|32|88a1b2c3', 'incomplete'],
  ['a PUPI', 'ISO14443B|RAW|32|04a1b2c3', 'pupi'],
  ['08 in a longer UID', 'ISO14443A|RAW|56|08a1b2c3d4e5f6', null],
  ['08 in a Wiegand word', 'WIEGAND|RAW|32|08a1b2c3', null],
  ['all zeros', 'ISO14443A|RAW|32|00000000', 'unreadable'],
  ['all ones', 'ISO14443A|RAW|32|ffffffff', 'unreadable'],
  ['another spelling', 'WIEGAND|H10301|26|017|4021', 'unreadable'],
  ['a number that does not fit', 'WIEGAND|H10301|26|256|4021', 'unreadable'],
  ['no badge at all', 'badge-maria', 'unreadable'],
  ['nothing', '', 'unreadable'],
] as const)('%s is judged by its identity: %s, %s', (_name, badge, cause) => {
  expect(unfitness(badge, null)).toBe(cause)
})

test('what the reader knows beyond the identity counts, whatever the identity', () => {
  const anything = fc.constantFrom('WIEGAND|H10301|26|17|4021', 'ISO14443A|RAW|56|04a1b2c3d4e5f6')
  const told = fc.constantFrom('random', 'pupi', 'anticollision')
  fc.assert(
    fc.property(anything, told, (badge, why) => {
      expect(unfitness(badge, why)).toBe(why)
    }),
  )
})

test('a technology says nothing of the number', () => {
  expect(technologyOf('WIEGAND|H10301|26|17|4021')).toBe('WIEGAND H10301')
  expect(technologyOf('ISO14443A|RAW|56|04a1b2c3d4e5f6')).toBe('ISO14443A RAW')
  expect(technologyOf('04a1b2c3d4e5f6')).toBe('')
})
