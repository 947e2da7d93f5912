import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chipNames, identifyChip, type ChipName } from './chip-uid.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const identify = (chip: ChipName, hex: string) =>
  identifyChip({ chip, bytes: bytes(hex), order: 'first-byte-first' })

describe('the identifier of a chip', () => {
  test.each([
    ['MIFARE-CLASSIC', 'a1b2c3d4', 'ISO14443A|RAW|32|a1b2c3d4'],
    ['MIFARE-CLASSIC', '80b2c3d4', 'ISO14443A|RAW|32|80b2c3d4'],
    ['ULTRALIGHT', '04a1b2c3d4e580', 'ISO14443A|RAW|56|04a1b2c3d4e580'],
    ['DESFIRE', '04a1b2c3d4e580', 'ISO14443A|RAW|56|04a1b2c3d4e580'],
    ['ISO14443A', '04a1b2c3d4e580', 'ISO14443A|RAW|56|04a1b2c3d4e580'],
    ['ICLASS', 'e012fff700112233', 'ICLASS|RAW|64|e012fff700112233'],
    ['FELICA', '0112030405060708', 'FELICA|RAW|64|0112030405060708'],
  ] as const)(
    'of %s %s is the badge %s, whichever end a reader prints first',
    (chip, hex, badge) => {
      const expected = { ok: true, badge, refusedAtEnrolment: null }
      const uid = bytes(hex)
      expect(identifyChip({ chip, bytes: uid, order: 'first-byte-first' })).toEqual(expected)
      expect(identifyChip({ chip, bytes: uid.toReversed(), order: 'last-byte-first' })).toEqual(
        expected,
      )
    },
  )

  test('of iCLASS has its order from the byte E0, whatever the profile says', () => {
    for (const order of ['first-byte-first', 'last-byte-first'] as const) {
      for (const uid of [bytes('e012fff700112233'), bytes('33221100f7ff12e0')]) {
        expect(identifyChip({ chip: 'ICLASS', bytes: uid, order })).toMatchObject({
          badge: 'ICLASS|RAW|64|e012fff700112233',
        })
      }
    }
  })

  test.each([
    ['MIFARE-CLASSIC', '08a1b2c3', 'random'],
    ['ISO14443A', '08a1b2c3', 'random'],
    ['ISO14443A', '80a1b2c3', 'random'],
    ['DESFIRE', '80a1b2c3', 'random'],
    ['DESFIRE', '08a1b2c3', 'random'],
    ['DESFIRE', '12a1b2c3', 'random'],
    ['ISO14443B', '12a1b2c3', 'pupi'],
    ['SEOS', '08a1b2c3', 'anticollision'],
    ['SEOS', '04a1b2c3d4e580', 'anticollision'],
  ] as const)('of %s %s is refused at enrolment: %s', (chip, hex, refusedAtEnrolment) => {
    expect(identify(chip, hex)).toMatchObject({ ok: true, refusedAtEnrolment })
  })

  test('that is random is random from a reader that prints it the other way round', () => {
    const uid = { chip: 'ISO14443A', bytes: bytes('c3b2a108'), order: 'last-byte-first' } as const
    expect(identifyChip(uid)).toMatchObject({ refusedAtEnrolment: 'random' })
  })

  test.each([
    ['MIFARE-CLASSIC', '', 'length'],
    ['MIFARE-CLASSIC', 'a1b2c3', 'length'],
    ['ULTRALIGHT', 'a1b2c3d4', 'length'],
    ['ICLASS', 'e012fff7001122', 'length'],
    ['MIFARE-CLASSIC', '8804a1b2', 'incomplete'],
    ['MIFARE-CLASSIC', '00000000', 'degenerate'],
    ['ICLASS', 'ffffffffffffffff', 'degenerate'],
  ] as const)('is not %s %s: %s', (chip, hex, reason) => {
    expect(identify(chip, hex)).toEqual({ ok: false, reason })
  })

  test('of any bytes is that of its bytes or none, and never throws', () => {
    const reading = fc.record({
      chip: fc.constantFrom(...chipNames),
      bytes: fc.uint8Array({ maxLength: 12 }),
      order: fc.constantFrom('first-byte-first' as const, 'last-byte-first' as const),
    })
    fc.assert(
      fc.property(reading, (given) => {
        const identity = identifyChip(given)
        if (!identity.ok) return
        const digits = identity.badge.split('|').at(-1) ?? ''
        const written = Buffer.from(digits, 'hex')
        expect([Array.from(given.bytes), Array.from(given.bytes.toReversed())]).toContainEqual(
          Array.from(written),
        )
      }),
      { numRuns: 5_000 },
    )
  })
})
