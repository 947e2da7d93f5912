import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialHealth, judge } from '../../../main/badge/health.ts'
import { identify } from '../../../main/badge/identify.ts'
import { createPcProx } from '../../../main/badge/pcprox-device.ts'
import { initialPresence, observe } from '../../../main/badge/presence.ts'
import { encodeWiegand, h10301, type Word } from '../../../main/badge/wiegand.ts'
import { createVirtualPcProx } from '../../sandbox/virtual-pcprox.ts'
import { createRandom } from '../../support/random.ts'

type Corruption = (
  honest: Uint8Array,
  log: readonly Uint8Array[],
  random: () => number,
) => Uint8Array

const corruptions: Readonly<Record<string, Corruption>> = {
  random: (_, __, random) =>
    Uint8Array.from({ length: 9 }, (_, index) => (index === 0 ? 0 : Math.floor(random() * 256))),
  truncated: (honest, _, random) => honest.slice(0, Math.floor(random() * honest.length)),
  oversized: (honest, _, random) =>
    Uint8Array.from(
      { length: 10 + Math.floor(random() * 300) },
      (_, index) => honest[index % 9] ?? 0,
    ),
  replayed: (honest, log, random) => log[Math.floor(random() * log.length)] ?? honest,
  'one bit flipped': (honest, _, random) => {
    const flipped = honest.slice()
    const at = 1 + Math.floor(random() * 8)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    return flipped
  },
}

const cards: Readonly<Record<string, Word>> = {
  'WIEGAND|H10301|26|118|1603': encodeWiegand(h10301, { facility: 118, number: 1603 }),
  'WIEGAND|H10301|26|90|324': encodeWiegand(h10301, { facility: 90, number: 324 }),
  'WIEGAND|H10301|26|0|7': encodeWiegand(h10301, { facility: 0, number: 7 }),
}

interface Abuse {
  readonly share: number
  readonly reports: number
  readonly seed?: number
}

/** Reads `reports` answers of which a share is corrupted; returns the badges that were tapped. */
async function abuse(corrupt: Corruption, { share, reports, seed = 0 }: Abuse) {
  const random = createRandom(seed)
  let time = 0
  let answered = 0
  const device = createVirtualPcProx({ now: () => time })
  const log: Uint8Array[] = []
  const handle = {
    sendFeatureReport: async (report: Uint8Array) => device.write(report.slice(1)),
    getFeatureReport: async () => {
      const honest = Uint8Array.of(0, ...device.read())
      answered += 1
      log.push(honest)
      if (log.length > 40) log.shift()
      const corrupted = answered > 5 && random() < share
      return corrupted ? corrupt(honest, log, random) : honest
    },
  }
  const pcprox = createPcProx({ handle, now: () => time, pause: async () => {} })
  await pcprox.configure()

  const taps: string[] = []
  let presence = initialPresence
  let health = initialHealth
  const words = Object.values(cards)
  const isDone = () => answered >= reports
  while (!isDone()) {
    time += 150
    const chance = random()
    const word = words[Math.floor(random() * words.length)]
    if (chance < 0.1) device.remove()
    else if (chance < 0.2 && word) device.present(word)
    const reading = await pcprox.readCard()
    const card =
      reading.type === 'card' && identify(reading.data, reader, { format: 'H10301', profiles: [] })
    if (reading.type === 'malformed' || (card && !card.ok)) {
      health = judge(health, { type: 'malformed' }, time)
      continue
    }
    const badge = card ? card.badge : null
    health = judge(health, { type: 'answered', badge }, time)
    const step = observe(
      presence,
      { badge, at: reading.at },
      { holdMs: 300, debounceMs: 1000 },
      time,
    )
    presence = step.state
    for (const event of step.events) if (event.type === 'tap') taps.push(event.badge)
  }
  return { taps, health: health.health }
}

const reader = {
  kind: 'pcprox',
  model: 'pcProx',
  vendorId: 0x0c27,
  productId: 0x3bfa,
  name: '',
} as const

describe('a reader whose answers are', () => {
  test.each(Object.entries(corruptions))(
    '%s, never throws, never hangs and never yields a badge that was not there',
    async (_, corrupt) => {
      const mild = await abuse(corrupt, { share: 0.05, seed: 1, reports: 20_000 })
      const half = await abuse(corrupt, { share: 0.5, seed: 2, reports: 20_000 })
      const most = await abuse(corrupt, { share: 0.9, seed: 3, reports: 20_000 })
      const strange = [...mild.taps, ...half.taps, ...most.taps].filter((badge) => !cards[badge])
      expect(strange).toEqual([])
      expect(mild.taps.length).toBeGreaterThan(100)
    },
    60_000,
  )

  test('all random is babbling', async () => {
    const { taps, health } = await abuse(corruptions.random ?? fail, { share: 1, reports: 2_000 })
    expect({ taps, health }).toEqual({ taps: [], health: 'babbling' })
  })
})

test('two answers of any bytes and lengths are a card or none, and never throw', async () => {
  const answer = fc.uint8Array({ maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      answer,
      answer,
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      async (card, count, page) => {
        const answers = [
          Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1),
          ...Array.from({ length: 4 }, () => Uint8Array.of(0, ...page)),
          card,
          count,
          card,
        ]
        const handle = {
          sendFeatureReport: async () => {},
          getFeatureReport: async () => answers.shift() ?? new Uint8Array(),
        }
        const pcprox = createPcProx({ handle, now: () => 0, pause: async () => {} })
        await pcprox.configure()
        const reading = await pcprox.readCard()
        if (reading.type !== 'card' || reading.data.type !== 'word') return
        const { word } = reading.data
        expect(word.bits).toBe(count[1])
        expect(word.value >> BigInt(word.bits)).toBe(0n)
      },
    ),
    { numRuns: 20_000 },
  )
}, 60_000)

function fail(): never {
  throw new Error('no such corruption')
}
