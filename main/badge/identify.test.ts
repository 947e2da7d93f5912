import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CardData, ReaderIdentity } from './card-data.ts'
import { chipNames } from './formats/chip-uid.ts'
import { wiegandFormat } from './formats/catalogue.ts'
import { em4102Renderings, renderEm4102 } from './formats/em4102.ts'
import { encodeCard, type Word } from './formats/engine.ts'
import { identify } from './identify.ts'
import { siteProfileSchema, type SiteProfile } from './site-profile.ts'

const pcprox: ReaderIdentity = {
  kind: 'pcprox',
  model: 'pcProx',
  vendorId: 0x0c27,
  productId: 0x3bfa,
  name: '',
}
const pcsc: ReaderIdentity = { ...pcprox, kind: 'pcsc', vendorId: null, productId: null, name: 'A' }
const serial: ReaderIdentity = { ...pcsc, kind: 'serial', name: 'COM4' }
const wedge: ReaderIdentity = { ...pcsc, kind: 'wedge', name: '' }

const profile = (given: object): SiteProfile => siteProfileSchema.parse(given)
const site = (...given: object[]) => ({ format: 'H10301' as const, profiles: given.map(profile) })
const word = (value: Word, strip = { lead: 0, trail: 0 }): CardData => ({
  type: 'word',
  word: value,
  strip,
  raw: new Uint8Array(),
  transforms: [],
})
const text = (value: string): CardData => ({ type: 'text', medium: 'PRINTED', text: value })
const badgeOf = (...args: Parameters<typeof identify>) => {
  const found = identify(...args)
  return found.ok ? found.badge : found.reason
}

const h10301 = encodeCard(wiegandFormat('H10301'), { facility: 118n, number: 1603n })

describe('two readers agree on who a card is', () => {
  const card = 'WIEGAND|H10301|26|118|1603'

  test.each([
    ['bits', pcprox, word(h10301), {}],
    [
      'bits that lost their parity',
      pcprox,
      word({ bits: 24, value: (h10301.value >> 1n) & 0xffffffn }, { lead: 1, trail: 1 }),
      {},
    ],
    ['hexadecimal', wedge, text('2EC0C86'), { written: 'hex' }],
    ['decimal', serial, text('49024134'), { written: 'decimal' }],
    ['binary', serial, text(h10301.value.toString(2).padStart(26, '0')), { written: 'binary' }],
    ['facility and number', wedge, text('11801603'), { written: 'facility-number' }],
  ] as const)('a word as %s', (_, reader, data, written) => {
    const wiegand = { cards: 'wiegand', format: 'H10301', ...written }
    expect(badgeOf(data, reader, site(wiegand))).toBe(card)
  })

  test('a chip read as bits, as bytes, backwards, and as text', () => {
    const bytes = Uint8Array.of(0x04, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0x80)
    const expected = 'ISO14443A|RAW|56|04a1b2c3d4e580'
    const desfire = { cards: 'chip', chip: 'DESFIRE', length: 7 }
    const backwards = { ...desfire, order: 'last-byte-first' }
    const known: CardData = { type: 'chip', chip: 'ISO14443A', bytes, order: 'first-byte-first' }
    expect(badgeOf(known, pcsc, site())).toBe(expected)
    expect(badgeOf(known, pcsc, site(desfire))).toBe(expected)
    const bits = word({ bits: 56, value: 0x04a1b2c3d4e580n })
    expect(badgeOf(bits, pcprox, site(desfire))).toBe(expected)
    const reversed = word({ bits: 56, value: 0x80e5d4c3b2a104n })
    expect(badgeOf(reversed, pcprox, site(backwards))).toBe(expected)
    expect(badgeOf(text('04:A1:B2:C3:D4:E5:80'), serial, site(desfire))).toBe(expected)
    expect(badgeOf(text('80E5D4C3B2A104'), serial, site(backwards))).toBe(expected)
  })

  test('an EM4102 tag by its bits, as a frame, and printed in any rendering', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: (1n << 40n) - 2n }),
        fc.constantFrom(...em4102Renderings),
        (id, rendering) => {
          const em = site({ cards: 'em4102', rendering })
          const seen = [
            badgeOf(word({ bits: 40, value: id }), pcprox, em),
            badgeOf(
              { type: 'frame', technology: 'EM4102', word: { bits: 40, value: id } },
              serial,
              em,
            ),
            badgeOf(text(renderEm4102(id, rendering)), wedge, em),
          ]
          const [first, ...others] = seen.map((badge) =>
            badge === 'unreadable' ? 'degenerate' : badge,
          )
          expect(others).toEqual([first, first])
        },
      ),
    )
  })
})

describe('the site has the last word', () => {
  test('parity: a reader that strips it is refused where the site requires it', () => {
    const stripped = word(
      { bits: 24, value: (h10301.value >> 1n) & 0xffffffn },
      { lead: 1, trail: 1 },
    )
    const strict = { cards: 'wiegand', format: 'H10301', parity: 'require' }
    expect(badgeOf(stripped, pcprox, site(strict))).toBe('parity-stripped')
    expect(badgeOf(word(h10301), pcprox, site(strict))).toBe('WIEGAND|H10301|26|118|1603')
  })

  test('parity: wrong parity is accepted only where the site says that its cards have it', () => {
    const wrong = word({ bits: 26, value: h10301.value ^ 1n })
    const lax = { cards: 'wiegand', format: 'H10301', parity: 'ignore' }
    expect(badgeOf(wrong, pcprox, site())).toBe('parity')
    expect(badgeOf(wrong, pcprox, site(lax))).toBe('WIEGAND|H10301|26|118|1603')
  })

  test('mixed formats are told apart by length, never guessed', () => {
    const corporate = encodeCard(wiegandFormat('C1k35s'), { facility: 7n, number: 9n })
    const mixed = site(
      { cards: 'wiegand', format: 'H10301' },
      { cards: 'wiegand', format: 'C1k35s' },
    )
    expect(badgeOf(word(h10301), pcprox, mixed)).toBe('WIEGAND|H10301|26|118|1603')
    expect(badgeOf(word(corporate), pcprox, mixed)).toBe('WIEGAND|C1k35s|35|7|9')
    const foreign = { bits: 37, value: 0x12_3456_789an }
    expect(badgeOf(word(foreign), pcprox, mixed)).toBe('WIEGAND|RAW|37|123456789a')
  })

  test('chips and texts of two lengths each have their profile', () => {
    const bytes = (length: number): CardData => ({
      type: 'chip',
      chip: 'ISO14443A',
      bytes: Uint8Array.from({ length }, (_, index) => index + 4),
      order: 'first-byte-first',
    })
    const chips = site(
      { reader: 'pcsc', cards: 'chip', chip: 'MIFARE-CLASSIC', length: 4 },
      { reader: 'pcsc', cards: 'chip', chip: 'DESFIRE', length: 7 },
    )
    expect(badgeOf(bytes(4), pcsc, chips)).toBe('ISO14443A|RAW|32|04050607')
    expect(badgeOf(bytes(7), pcsc, chips)).toBe('ISO14443A|RAW|56|0405060708090a')
    expect(badgeOf(bytes(10), pcsc, chips)).toBe('length')
    const texts = site({ cards: 'text', length: 8 }, { cards: 'text', length: 10, prefix: 'X' })
    expect(badgeOf(text('12345678'), wedge, texts)).toBe('PRINTED|RAW|64|3132333435363738')
    expect(badgeOf(text('X1234567890'), wedge, texts)).toMatch(/^PRINTED\|RAW\|80\|/)
  })

  test('a foreign card that a reader stripped is not taken for a whole one of its bits', () => {
    const inner = { bits: 32, value: 0x1234_5678n }
    const stripped = identify(word(inner, { lead: 1, trail: 1 }), pcprox, site())
    const whole = identify(word(inner), pcprox, site())
    expect(stripped).toMatchObject({ badge: 'STRIPPED|RAW|32|12345678' })
    expect(whole).toMatchObject({ badge: 'WIEGAND|RAW|32|12345678' })
  })

  test('the profile that names the reader most closely holds', () => {
    const profiles = site(
      { reader: '*', cards: 'wiegand', format: 'raw' },
      { reader: 'pcprox', cards: 'chip', chip: 'MIFARE-CLASSIC', length: 4 },
      { reader: '0c27:3bfa', cards: 'wiegand', format: 'WIE32' },
    )
    const bits = word({ bits: 32, value: 0x0123_4567n })
    const other = { ...pcprox, productId: 0x3b4c }
    expect(badgeOf(bits, pcprox, profiles)).toBe('WIEGAND|WIE32|32|291|17767')
    expect(badgeOf(bits, other, profiles)).toBe('ISO14443A|RAW|32|01234567')
    expect(badgeOf(bits, serial, profiles)).toBe('WIEGAND|RAW|32|01234567')
  })

  test.each([
    ['pcsc:omnikey', { ...pcsc, name: 'HID OMNIKEY 5427 CK 00 00' }, true],
    ['pcsc:omnikey', pcsc, false],
    ['serial:COM4', serial, true],
    ['serial:COM5', serial, false],
  ])('%s selects by name', (selector, reader, selected) => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const chip: CardData = { type: 'chip', chip: 'ISO14443A', bytes, order: 'first-byte-first' }
    const strict = site({ reader: selector, cards: 'chip', chip: 'DESFIRE', length: 7 })
    expect(badgeOf(chip, reader, strict)).toBe(selected ? 'length' : 'ISO14443A|RAW|32|01020304')
  })

  test('a number that may change is recognised, also where only the site knows the chip', () => {
    const bytes = Uint8Array.of(0x51, 2, 3, 4)
    const chip: CardData = { type: 'chip', chip: 'ISO14443A', bytes, order: 'first-byte-first' }
    expect(identify(chip, pcsc, site())).toMatchObject({ refusedAtEnrolment: null })
    const desfire = site({ cards: 'chip', chip: 'DESFIRE' })
    expect(identify(chip, pcsc, desfire)).toMatchObject({ refusedAtEnrolment: 'random' })
  })

  test.each([
    ['EMP12345678', 'PRINTED|RAW|64|3132333435363738'],
    ['12345678', 'layout'],
    ['EMP1234567', 'length'],
    ['EMP00000000', 'degenerate'],
    ['EMP1234 678', 'unreadable'],
  ])('the characters %s are %s', (given, expected) => {
    const characters = site({ cards: 'text', length: 8, prefix: 'EMP' })
    expect(badgeOf(text(given), wedge, characters)).toBe(expected)
  })

  test('text that no profile is about is no badge', () => {
    expect(badgeOf(text('2EC0C86'), wedge, site())).toBe('no-profile')
  })
})

const profiles = fc
  .record({
    cards: fc.constantFrom('wiegand', 'chip', 'em4102', 'ioprox', 'awid', 'text'),
    format: fc.constantFrom('H10301', 'C1k35s', 'raw', 'Indala'),
    chip: fc.constantFrom(...chipNames),
    written: fc.constantFrom('hex', 'decimal', 'binary', 'facility-number'),
    length: fc.option(fc.integer({ min: 4, max: 32 })),
  })
  .map((given) => {
    const { cards, format, chip, written, length } = given
    const shapes = {
      wiegand: { cards, format, written, length },
      chip: { cards, chip, length },
      em4102: { cards },
      ioprox: { cards },
      awid: { cards },
      text: { cards, length },
    }
    return siteProfileSchema.safeParse(shapes[cards]).data ?? null
  })

test('no data, under any profile, throws or yields an identity that is not canonical', () => {
  const words = fc.integer({ min: 0, max: 300 }).chain((bits) =>
    fc.record({
      bits: fc.constant(bits),
      value: fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
    }),
  )
  const strips = fc.record({
    lead: fc.integer({ min: 0, max: 15 }),
    trail: fc.integer({ min: 0, max: 15 }),
  })
  const data: fc.Arbitrary<CardData> = fc.oneof(
    fc.tuple(words, strips).map(([value, strip]) => word(value, strip)),
    fc.record({
      type: fc.constant('chip' as const),
      chip: fc.constantFrom(...chipNames),
      bytes: fc.uint8Array({ maxLength: 16 }),
      order: fc.constantFrom('first-byte-first' as const, 'last-byte-first' as const),
    }),
    fc.record({
      type: fc.constant('frame' as const),
      technology: fc.constantFrom(
        'EM4102' as const,
        'AWID' as const,
        'IOPROX' as const,
        'INDALA' as const,
      ),
      word: words,
    }),
    fc.string({ maxLength: 90, unit: 'binary' }).map(text),
    fc.stringMatching(/^[0-9A-F:]{1,40}$/).map(text),
  )
  const readers = fc.constantFrom(pcprox, pcsc, serial, wedge)
  const canonical = /^[A-Z0-9-]+\|[A-Za-z0-9]+\|\d+\|[0-9a-f|]+$/
  const wrong: string[] = []
  fc.assert(
    fc.property(data, readers, fc.array(profiles, { maxLength: 3 }), (given, reader, some) => {
      const chosen = some.filter((one) => one !== null)
      const found = identify(given, reader, { format: 'H10301', profiles: chosen })
      if (found.ok && !canonical.test(found.badge)) wrong.push(found.badge)
    }),
    { numRuns: 20_000 },
  )
  expect(wrong).toEqual([])
})
