import type { CardData } from './card-data.ts'
import type { ChipName } from './formats/chip-uid.ts'
import type { Word } from './formats/engine.ts'
import type { Tag } from './twn4.ts'

type Technology = Extract<CardData, { type: 'frame' }>['technology']

/** Type numbers of TWN4's headers. Types that are not here are no badges. */
const frames: Readonly<Record<number, Technology>> = {
  0x40: 'EM4102',
  0x44: 'T55X7',
  0x4b: 'COTAG',
  0x4c: 'IOPROX',
  0x4d: 'INDALA',
  0x4e: 'NEXWATCH',
  0x4f: 'AWID',
  0x50: 'GPROX',
  0x51: 'PYRAMID',
  0x52: 'KERI',
  0x83: 'LEGIC',
}
const hidProx = 0x49
const chips: Readonly<Record<number, ChipName>> = {
  0x80: 'ISO14443A',
  0x81: 'ISO14443B',
  0x82: 'ISO15693',
  0x84: 'ICLASS',
  0x85: 'FELICA',
}

/** What a tag says as a card; null: neither, its type is unknown or its bits are not what it says. */
export function cardOf(tag: Tag): CardData | null {
  const chip = chips[tag.type]
  if (chip)
    return tag.bits === 8 * tag.bytes.length
      ? { type: 'chip', chip, bytes: tag.bytes, order: 'first-byte-first' }
      : null
  const word = wordOf(tag)
  if (!word) return null
  if (tag.type === hidProx)
    return {
      type: 'word',
      word,
      strip: { lead: 0, trail: 0 },
      raw: tag.bytes,
      transforms: [],
    }
  const technology = frames[tag.type]
  return technology ? { type: 'frame', technology, word } : null
}

/**
 * The first bit is the highest of the first byte; what is unused are the lowest bits of the last one
 * (Elatec, TWN3 technical manual 6.1: 26 bits are `80 80 01 C0`), and must be zero.
 */
function wordOf({ bits, bytes }: Tag): Word | null {
  const all = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const unused = BigInt(8 * bytes.length - bits)
  const value = all >> unused
  return value << unused === all ? { bits, value } : null
}
