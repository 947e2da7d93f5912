import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  desfire,
  nurse,
  nurseBadge,
  pass,
  physician,
  physicianBadge,
  ready,
  start,
} from '../../test/real/pcsc/fake-host.ts'
import { createFakeReader, type FakeCard } from '../../test/real/pcsc/fake-port.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('cards that come and go', () => {
  test('each arrival is a tap, each departure its end', async () => {
    const { reader, cards } = await ready()
    for (const next of [nurse, physician]) {
      reader.insert(next)
      await pass(1_500)
      reader.remove()
      await pass(1_500)
    }
    expect(cards()).toEqual([nurseBadge, 'gone', physicianBadge, 'gone'])
    expect(reader.connections).toBe(0)
  })

  test('the same card within the debounce time is no second tap, after it is', async () => {
    const { reader, cards } = await ready()
    for (const away of [300, 1_500, 0]) {
      reader.insert(nurse)
      await pass(200)
      reader.remove()
      await pass(away)
    }
    expect(cards()).toEqual([nurseBadge, 'gone', 'gone', nurseBadge, 'gone'])
  })

  test('a card that took the place of another unseen is a tap', async () => {
    const { reader, cards } = await ready()
    reader.insert(nurse)
    await pass(200)
    reader.swap(physician)
    await pass(200)
    expect(cards()).toEqual([nurseBadge, 'gone', physicianBadge])
  })

  test('a status that tells nothing new of the card is nothing', async () => {
    const { reader, cards } = await ready()
    reader.insert(nurse)
    await pass(200)
    reader.tell({ card: 'present' })
    reader.tell({ exclusive: true })
    reader.tell({ exclusive: false })
    await pass(200)
    expect([cards(), reader.asked.length]).toEqual([[nurseBadge], 1])
  })

  test('a card that gives no answer to reset is none until it does', async () => {
    const { reader, cards } = await ready()
    reader.tell({ card: 'mute', count: 1 })
    await pass(200)
    expect(cards()).toEqual([])
    reader.insert(nurse)
    await pass(200)
    expect(cards()).toEqual([nurseBadge])
  })
})

describe('what lies there already', () => {
  test('is no tap at the start, and its departure is told', async () => {
    const reader = createFakeReader('ACS ACR1252 1S CL Reader PICC 0')
    reader.insert(nurse)
    const { cards } = start(reader)
    await pass(500)
    expect(cards()).toEqual([])
    reader.remove()
    await pass(2_000)
    reader.insert(nurse)
    await pass(500)
    expect(cards()).toEqual(['gone', nurseBadge])
  })

  test('is no tap when it came before a resync and was read after it', async () => {
    const { reader, host, cards } = await ready()
    const reply = Promise.withResolvers<string>()
    reader.insert({ atr: desfire, answer: () => reply.promise })
    await pass(500)
    host.obey({ type: 'resync' })
    reply.resolve('04a1b2c3d4e5809000')
    await pass(500)
    expect(cards()).toEqual([])
  })

  test('is shown, and no tap, when the test page opens and closes', async () => {
    const { reader, host, messages, cards } = await ready()
    reader.insert(nurse)
    await pass(500)
    messages.length = 0
    host.obey({ type: 'inspect', on: true, reveal: true })
    await pass(500)
    expect(messages).toMatchObject([{ type: 'inspection', badge: nurseBadge }])
    messages.length = 0
    host.obey({ type: 'inspect', on: false, reveal: false })
    await pass(500)
    expect(cards()).toEqual([])
  })
})

describe('cards that are no badge', () => {
  const contact: FakeCard = { atr: '3bdd00ff8150fe', answer: () => '9000' }

  test('are silence at the lock screen', async () => {
    const { reader, messages } = await ready()
    for (const next of [contact, { atr: desfire, answer: () => '6a81' }]) {
      reader.insert(next)
      await pass(500)
      reader.remove()
      await pass(500)
    }
    expect(messages).toEqual([])
  })

  test('are explained on the test page', async () => {
    const { reader, host, messages } = await ready()
    host.obey({ type: 'inspect', on: true, reveal: false })
    reader.insert(contact)
    await pass(500)
    expect(messages).toMatchObject([
      {
        type: 'inspection',
        badge: null,
        inspection: { raw: 'a contact card, which is no badge', result: { outcome: 'no-badge' } },
      },
    ])
  })
})
