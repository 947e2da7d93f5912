import { beforeEach, describe, expect, test } from 'vitest'
import type { CardData, ReaderIdentity } from './card-data.ts'
import { createReaderCore } from './reader-core.ts'
import type { InspectMode, ReaderOptions } from './reader.ts'
import { encodeWiegand, h10301 } from './wiegand.ts'

const identity: ReaderIdentity = {
  kind: 'pcsc',
  model: 'Virtual',
  vendorId: null,
  productId: null,
  name: 'Virtual',
}
const options: ReaderOptions = {
  format: 'H10301',
  profiles: [],
  ports: [],
  pollMs: 150,
  debounceMs: 1_000,
}
const chip = (...bytes: number[]): { type: 'card'; data: CardData } => ({
  type: 'card',
  data: {
    type: 'chip',
    chip: 'ISO14443A',
    bytes: Uint8Array.from(bytes),
    order: 'first-byte-first',
  },
})
const nurse = chip(0x04, 1, 2, 3, 4, 5, 6)
const nurseBadge = 'ISO14443A|RAW|56|04010203040506'
const physician = chip(0x04, 9, 9, 9, 9, 9, 9)

let now: number
let said: unknown[]
beforeEach(() => {
  now = 10_000
  said = []
})

const core = (inspect: InspectMode = 'off') =>
  createReaderCore(identity, {
    options,
    inspect,
    now: () => now,
    report: {
      health: (health) => said.push(health),
      presence: (event) => said.push(event.type === 'tap' ? event.badge : event.type),
      inspection: (inspection, badge) => said.push([inspection.result.outcome, badge]),
      quality: ({ failures }) => said.push(`failing ${failures}`),
    },
  })

describe('a reader that tells edges', () => {
  test('a card that comes is a tap, one that was there is not', () => {
    const reader = core()
    reader.arrived(nurse, now, { fresh: false })
    reader.left(now)
    now += 2_000
    reader.arrived(nurse, now)
    reader.left(now)
    expect(said).toEqual(['gone', nurseBadge, 'gone'])
  })

  test('the same card within the debounce is one tap; another is taken at once', () => {
    const reader = core()
    reader.swiped(nurse, now)
    now += 300
    reader.swiped(nurse, now)
    reader.swiped(physician, now)
    expect(said.filter((event) => event !== 'gone')).toHaveLength(2)
  })

  test('what took so long that it tells the past is no tap', () => {
    const reader = core()
    reader.arrived(nurse, now - 2_001)
    expect(said).toEqual([])
  })

  test('fifty nonsense cards are babbling, and it ends', () => {
    const reader = core()
    for (let index = 0; index < 50; index += 1) {
      reader.swiped({ type: 'malformed' }, now)
      now += 20
    }
    expect(said).toContain('babbling')
    now += 5_000
    reader.swiped(nurse, now)
    expect(said).toContain('ready')
  })

  test('a reader that fails ever more often is reported', () => {
    const reader = core()
    for (let index = 0; index < 5; index += 1) {
      reader.swiped({ type: 'malformed' }, now)
      now += 5_000
    }
    expect(said).toContain('failing 5')
  })
})

describe('the test page', () => {
  test('takes cards away from sign-in, each explained once, and gives them back', () => {
    const reader = core('masked')
    reader.swiped(nurse, now)
    expect(said).toEqual([['badge', nurseBadge]])
    reader.inspect('off')
    now += 2_000
    reader.swiped(nurse, now)
    expect(said.slice(1)).toEqual([nurseBadge, 'gone'])
  })

  test('explains what is no badge, once for as long as it lies there', () => {
    const reader = core('masked')
    const word = encodeWiegand(h10301, { facility: 118, number: 1603 })
    const wrong = { ...word, value: word.value ^ 1n }
    const data: CardData = {
      type: 'word',
      word: wrong,
      strip: { lead: 0, trail: 0 },
      raw: Uint8Array.of(1),
      transforms: [],
    }
    for (let index = 0; index < 3; index += 1) reader.field({ type: 'card', data }, (now += 150))
    expect(said).toEqual([['no-badge', null]])
  })

  test('a badge that lies there when the page closes is no tap', () => {
    const reader = core('masked')
    const lie = () => reader.field(nurse, (now += 150))
    lie()
    reader.inspect('off')
    lie()
    lie()
    expect(said).toEqual([['badge', nurseBadge]])
  })
})
