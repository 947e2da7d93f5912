import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identify } from './identify.ts'
import { cardOf } from './twn4-cards.ts'
import { parseAnswer, parseTag, parseVersion, requests } from './twn4.ts'

describe('requests', () => {
  test.each([
    [requests.version, '0004FF\r'],
    [requests.searchTag, '050020\r'],
    [requests.lampsAreOutputs, '0400030000\r'],
    [requests.lampsOn(0x02), '040202\r'],
    [requests.lampsOff, '040303\r'],
    [requests.beep(2_400, 60), '04074060093C000000\r'],
  ])('%j is hex and CR', (request, expected) => expect(request).toBe(expected))
})

describe('answers', () => {
  test.each([
    ['00', { ok: true, data: [] }],
    ['0000', { ok: true, data: [0] }],
    ['01', { ok: false, error: 1 }],
    ['05', { ok: false, error: 5 }],
    ['0501', { ok: false, error: null }],
    ['0', { ok: false, error: null }],
    ['', { ok: false, error: null }],
    ['00xy', { ok: false, error: null }],
  ])('%j', (text, expected) => {
    const answer = parseAnswer(text)
    expect(answer.ok ? { ...answer, data: [...answer.data] } : answer).toEqual(expected)
  })

  test('a version is one, an answer to a search never is', () => {
    expect(parseVersion('000454574E34')).toBe('TWN4')
    expect(parseVersion('000554574E34')).toBeNull()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 32 }), fc.nat(255), (id, type) => {
        const found = Buffer.from([0, 1, type, id.length * 8, id.length, ...id])
        expect(parseVersion(found.toString('hex'))).toBeNull()
      }),
    )
    expect(parseVersion('0000')).toBeNull()
  })
})

const reader = {
  kind: 'serial',
  model: '',
  vendorId: null,
  productId: null,
  name: '/dev/x',
} as const
const site = { format: 'H10301', profiles: [] } as const

function badgeOf(hex: string): string | null {
  const tag = parseTag(Buffer.from(hex, 'hex'))
  const card = tag ? cardOf(tag) : null
  if (!card) return null
  const identified = identify(card, reader, site)
  return identified.ok ? identified.badge : identified.reason
}

describe('tags', () => {
  test.each([
    ['HID Prox, its bits on the left', '01491a04bb032180', 'WIEGAND|H10301|26|118|1603'],
    ['HID Prox, 37 bits', '0149250591a2b3c4d0', 'WIEGAND|RAW|37|123456789a'],
    ['HID Prox with something in the unused bits', '01491a04bb0321bf', null],
    ['MIFARE, first byte first', '0180200411223344', 'ISO14443A|RAW|32|11223344'],
    ['DESFire', '0180380704a1b2c3d4e580', 'ISO14443A|RAW|56|04a1b2c3d4e580'],
    ['ISO15693, last byte first', '0182400811223344556607e0', 'ISO15693|RAW|64|e007665544332211'],
    ['iCLASS', '018440080011223344551ae0', 'ICLASS|RAW|64|e01a554433221100'],
    ['FeliCa', '018540080114112233445566', 'FELICA|RAW|64|0114112233445566'],
    ['LEGIC', '0183200401020304', 'LEGIC|RAW|32|01020304'],
    ['a chip whose bits are no bytes', '01801e0411223344', null],
    ['a type that is no badge', '01883006010203040506', null],
    ['fewer bytes than it says', '0180200511223344', null],
    ['more bytes than bits', '0180180411223344', null],
  ])('%s', (_name, hex, expected) => expect(badgeOf(hex)).toBe(expected))

  test('an EM4102 is the badge that other readers make of it', () => {
    const tag = parseTag(Buffer.from('014028050102030405', 'hex'))
    expect(tag && cardOf(tag)).toEqual({
      type: 'frame',
      technology: 'EM4102',
      word: { bits: 40, value: 0x0102030405n },
    })
  })

  test('none in the field is not malformed', () => {
    expect(parseTag(Buffer.from('00', 'hex'))).toBeNull()
    expect(parseTag(Buffer.from('0001', 'hex'))).toBeUndefined()
    expect(parseTag(new Uint8Array())).toBeUndefined()
  })

  test('no bytes throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const tag = parseTag(data)
        const card = tag ? cardOf(tag) : null
        if (!card) return
        expect(() => identify(card, reader, site)).not.toThrow()
      }),
    )
  })
})
