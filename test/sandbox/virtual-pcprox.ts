import { applyTransforms } from '../../main/badge/pcprox-transforms.ts'
import { stripOf, transformsOf } from '../../main/badge/pcprox-protocol.ts'
import type { Word } from '../../main/badge/wiegand.ts'

/** The configuration pages of a simulated reader; what the EEPROM holds at power on. */
export type Pages = readonly [Uint8Array, Uint8Array, Uint8Array]

export interface VirtualPcProx {
  /** A feature report from the host, 8 bytes. */
  write(bytes: Uint8Array): void
  /** The feature report to the host, 8 bytes. */
  read(): Uint8Array
  present(word: Word): void
  /** Two cards in the field: the reader hears them in turn. */
  presentTwo(first: Word, second: Word): void
  remove(): void
  /** Unsaved configuration is lost. */
  powerOn(): void
  /** Replaces what the EEPROM holds and starts from it. */
  burn(pages: Pages): void
  /** As the reader works now: RAM. */
  readonly pages: Pages
  readonly lamp: 'off' | 'red' | 'green' | 'own'
  /** Writes that asked for the EEPROM. */
  readonly eepromWrites: number
  /** A reader whose firmware refuses to change its stripping. */
  fixStrip(fixed: boolean): void
}

/** Strips 1+1 parity bits, Enter after the number, repeats a card for 200 ms after it left. */
export const factoryPages: Pages = [
  Uint8Array.of(3, 5, 0x11, 16, 26, 0, 40, 0x01),
  Uint8Array.of(0, 20, 4, 0, 5, 5, 0x02, 0),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0),
]
/** Two cards in the field are heard in turn, this long each. */
const turnMs = 200
const deviceInfo = Uint8Array.of(0, 0, 0x73, 22, 0, 0x01, 0x05, 0)

/** The device end of the pcProx feature protocol, as public notes describe it. */
export function createVirtualPcProx({ now }: { readonly now: () => number }): VirtualPcProx {
  let eeprom: Pages = factoryPages
  let ram = copy(eeprom)
  let selected: number | null = null
  let answer: Uint8Array = new Uint8Array(8)
  let eepromWrites = 0
  let stripFixed = false
  let cards: readonly Word[] = []
  let lastCard: { readonly word: Word; readonly seenAt: number } | null = null
  let countAnswer: Uint8Array = new Uint8Array(8)

  function currentCard(): Word | null {
    const word = cards[Math.floor(now() / turnMs) % Math.max(1, cards.length)]
    if (word) lastCard = { word, seenAt: now() }
    const holdMs = (ram[1][2] ?? 0) * 50
    return lastCard && now() - lastCard.seenAt <= holdMs ? lastCard.word : null
  }

  function cardAnswer(): Uint8Array {
    const word = currentCard()
    const forced = ((ram[0][7] ?? 0) & 0x02) !== 0
    if (!word || (forced && word.bits !== ram[0][4])) {
      countAnswer = new Uint8Array(8)
      return new Uint8Array(8)
    }
    const { lead, trail } = stripOf(ram[0])
    const bits = word.bits - lead - trail
    const value = (word.value >> BigInt(trail)) & ((1n << BigInt(bits)) - 1n)
    countAnswer = Uint8Array.of(bits, bits, 0, 0, 0, 0, 0, 0)
    return applyTransforms({ bits, value }, transformsOf(ram[2]))
  }

  function store(page: number, bytes: Uint8Array) {
    const next = Uint8Array.from(bytes)
    if (page === 0 && stripFixed) next[2] = ram[0][2] ?? 0
    ram = [page === 0 ? next : ram[0], page === 1 ? next : ram[1], page === 2 ? next : ram[2]]
  }

  function obey([code = 0, parameter = 0]: Uint8Array) {
    if (code >= 0x80 && code <= 0x82) {
      selected = code - 0x80
      answer = Uint8Array.from(ram[selected] ?? [])
    } else if (code === 0x8a) answer = deviceInfo
    else if (code === 0x8f) answer = cardAnswer()
    else if (code === 0x8e) answer = countAnswer
    else if (code === 0x90 && parameter !== 0) {
      eepromWrites += 1
      eeprom = copy(ram)
    }
  }

  return {
    write(bytes) {
      const page = selected
      selected = null
      if (page === null) obey(bytes)
      else store(page, bytes)
    },
    read() {
      selected = null
      return answer
    },
    present(word) {
      cards = [word]
    },
    presentTwo(first, second) {
      cards = [first, second]
    },
    remove() {
      const [first] = cards
      if (first) lastCard = { word: first, seenAt: now() }
      cards = []
    },
    powerOn() {
      ram = copy(eeprom)
      selected = null
      lastCard = null
    },
    burn(pages) {
      eeprom = copy(pages)
      ram = copy(pages)
    },
    get pages() {
      return ram
    },
    get lamp() {
      if (((ram[2][1] ?? 0) & 0x02) === 0) return 'own'
      const bits = (ram[2][0] ?? 0) & 0x03
      return bits === 0 ? 'off' : bits & 0x01 ? 'red' : 'green'
    },
    get eepromWrites() {
      return eepromWrites
    },
    fixStrip(fixed) {
      stripFixed = fixed
    },
  }
}

const copy = ([zero, one, two]: Pages): Pages => [zero.slice(), one.slice(), two.slice()]
