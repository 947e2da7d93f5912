import { describe, expect, test } from 'vitest'
import { chipOf, isBare, isContactless } from './pcsc-atr.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
/** A storage card's ATR, by standard and name (PC/SC part 3). */
const storage = (standard: string, name: string) =>
  bytes(`3b8f8001804f0ca000000306${standard}${name}000000006a`)
const four = '1ab2c3d4'
const seven = '04a1b2c3d4e580'
const ten = '04a1b2c3d4e5809a8b7c'

describe('which chip it is', () => {
  test.each([
    ['MIFARE Classic 1K', '03', '0001', four, 'MIFARE-CLASSIC'],
    ['MIFARE Classic 4K of seven bytes', '03', '0002', seven, 'MIFARE-CLASSIC'],
    ['MIFARE Mini', '03', '0026', four, 'MIFARE-CLASSIC'],
    ['MIFARE Plus in level 1', '03', '0036', seven, 'MIFARE-CLASSIC'],
    ['Ultralight', '03', '0003', seven, 'ULTRALIGHT'],
    ['Ultralight C', '03', '003a', seven, 'ULTRALIGHT'],
    ['Ultralight EV1', '03', '003d', seven, 'ULTRALIGHT'],
    ['an Ultralight of four bytes, which there is not', '03', '0003', four, 'ISO14443A'],
    ['a type A card without a name', '03', '0000', ten, 'ISO14443A'],
    ['a card without a standard', '00', '0000', four, 'ISO14443A'],
    ['a type B card', '07', '0000', four, 'ISO14443B'],
    ['PicoPass 2KS', '0a', '0018', 'e012fff712345678', 'ICLASS'],
    ['PicoPass, by type B', '06', '0018', '12345678f7ff12e0', 'ICLASS'],
    ['ICODE SLI', '0b', '0014', 'e004015012345678', 'ISO15693'],
    ['the last byte first', '0b', '0014', '78563412500104e0', 'ISO15693'],
    ["HID's, without a name", '0b', '0000', '78563412f7ff12e0', 'ICLASS'],
    ['eight bytes under type A, marked', '03', '0000', 'e004015012345678', 'ISO15693'],
    ['FeliCa', '11', '003b', '0101060112345678', 'FELICA'],
    ['FeliCa, as an ACR122U says it', '03', 'f012', '0101060112345678', 'FELICA'],
    ['eight bytes that nothing marks', '03', '0000', '0101060112345678', null],
    ['five bytes', '03', '0001', '0102030405', 'MIFARE-CLASSIC'],
  ])('%s', (_name, standard, name, uid, chip) => {
    expect(chipOf(storage(standard, name), bytes(uid))).toBe(chip)
  })

  test.each([
    ['DESFire', '3b8180018080', seven, 'DESFIRE'],
    ['another card of one historical byte', '3b8180010101', four, 'ISO14443A'],
    ['a card with historical bytes', '3b8980014d544347600000000b', four, 'ISO14443A'],
    ['an ATQB', '3b888001 00000000 338181 00 bb', four, 'ISO14443B'],
    ['an ATQB with seven bytes, so type A', '3b888001 00000000 338181 00 bb', seven, 'ISO14443A'],
    ['no ATR at all', '', 'e004015012345678', 'ISO15693'],
    ['no ATR and a length of nothing known', '', '010203', null],
  ])('%s', (_name, atr, uid, chip) => {
    expect(chipOf(bytes(atr), bytes(uid))).toBe(chip)
  })

  test.each([
    ['a storage card', '3b8f8001804f0ca0000003060300010000', true, false],
    ['DESFire', '3b8180018080', true, false],
    ['a proximity card of an OMNIKEY', '3b050002f1d34c', false, true],
    ['a health card', '3bdd00ff8150fe', false, false],
    ['a card in inverse convention', '3f8f8001', false, false],
    ['nothing', '', false, false],
  ])('contactless, or bare: %s', (_name, atr, contactless, bare) => {
    expect([isContactless(bytes(atr)), isBare(bytes(atr))]).toEqual([contactless, bare])
  })
})
