import type { ChipName } from './formats/chip-uid.ts'

/** PC/SC part 3: no contact interface, T=0 and T=1 named, which only contactless cards are given. */
export const isContactless = (atr: Uint8Array): boolean =>
  atr[0] === 0x3b && ((atr[1] ?? 0) & 0xf0) === 0x80 && atr[2] === 0x80 && atr[3] === 0x01

/** No interface byte at all: what OMNIKEYs invent for a proximity card, and some contact cards have. */
export const isBare = (atr: Uint8Array): boolean => atr[0] === 0x3b && (atr[1] ?? 0xff) < 0x10

/** Behind T0 and the two interface bytes: the application identifier of PC/SC for storage cards. */
const storage = [0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06]

const classic: readonly number[] = [0x0001, 0x0002, 0x0026, 0x0036, 0x0037, 0x0038, 0x0039]
const ultralight: readonly number[] = [0x0003, 0x003a, 0x003d]
/** ACR122U: FeliCa at 212 and 424 kbit/s, under the standard of another. */
const felica: readonly number[] = [0x003b, 0xf011, 0xf012]
/** PicoPass 2K to 32KS, which iCLASS cards are. */
const isPicoPass = (name: number) => name >= 0x0017 && name <= 0x0020

/**
 * Which chip has answered with this identifier, by the ATR that the reader made up for it (PC/SC
 * part 3, 3.1.3.2.3, and its supplement with the names of storage cards). Null: an identifier that
 * no chip known here has. What is said of ISO 14443-4 cards is what their ATR can show: DESFire by
 * its historical byte, type B by its ATQB; all others are just that.
 */
export function chipOf(atr: Uint8Array, uid: Uint8Array): ChipName | null {
  if (!isStorage(atr)) return isDesfire(atr) ? 'DESFIRE' : ofType(atr, uid)
  const standard = atr[12] ?? 0
  const name = ((atr[13] ?? 0) << 8) | (atr[14] ?? 0)
  if (isPicoPass(name)) return 'ICLASS'
  if (standard === 0x11 || felica.includes(name)) return 'FELICA'
  if (standard >= 0x09 && standard <= 0x0c) return vicinity(uid)
  if (standard >= 0x05 && standard <= 0x08) return 'ISO14443B'
  if (uid.length === 8) return vicinityByMark(uid)
  if (classic.includes(name) && uid.length !== 10) return 'MIFARE-CLASSIC'
  if (ultralight.includes(name) && uid.length === 7) return 'ULTRALIGHT'
  return proximity(uid)
}

const isStorage = (atr: Uint8Array): boolean =>
  isContactless(atr) && storage.every((byte, index) => atr[4 + index] === byte)

const isDesfire = (atr: Uint8Array): boolean =>
  isContactless(atr) && atr[1] === 0x81 && atr[4] === 0x80

function ofType(atr: Uint8Array, uid: Uint8Array): ChipName | null {
  if (uid.length === 8) return vicinityByMark(uid)
  return uid.length === 4 && isAtqb(atr) ? 'ISO14443B' : proximity(uid)
}

const proximity = (uid: Uint8Array): ChipName | null =>
  [4, 7, 10].includes(uid.length) ? 'ISO14443A' : null

/**
 * Eight historical bytes that can be application data, protocol information and buffer length of
 * type B: ISO 14443-4 said to be supported, the last half byte and the reserved bits nought. A type A
 * card that looks so with four bytes is wrongly kept from enrolment, never wrongly let in.
 */
const isAtqb = (atr: Uint8Array): boolean =>
  isContactless(atr) &&
  atr[1] === 0x88 &&
  ((atr[9] ?? 0) & 0x0f) === 0x01 &&
  ((atr[11] ?? 0xff) & 0x0f) === 0

/** E0, then the maker: 12 is HID's, whose ISO 15693 chips are iCLASS cards (ISO/IEC 7816-6). */
function vicinity(uid: Uint8Array): ChipName {
  const maker = uid[0] === 0xe0 ? uid[1] : uid.at(-1) === 0xe0 ? uid.at(-2) : undefined
  return maker === 0x12 ? 'ICLASS' : 'ISO15693'
}

const vicinityByMark = (uid: Uint8Array): ChipName | null =>
  uid[0] === 0xe0 || uid.at(-1) === 0xe0 ? vicinity(uid) : null
