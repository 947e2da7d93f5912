import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { desfire, nurse, nurseBadge, pass, ready, start } from '../../test/real/pcsc/fake-host.ts'
import { createFakeReader, pcscError, type FakeCard } from '../../test/real/pcsc/fake-port.ts'
import { readerId } from './reader-host.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a reading that fails', () => {
  test('is tried once more while the card lies there', async () => {
    const { reader, cards } = await ready()
    let failures = 1
    const answer = () => (failures-- > 0 ? pcscError('CommError') : '04a1b2c3d4e5809000')
    reader.insert({ atr: desfire, answer })
    await pass(500)
    expect([cards(), reader.connections]).toEqual([[nurseBadge], 0])
  })

  test('is silence of the reader after three cards in a row, until one is read', async () => {
    const { reader, states } = await ready()
    for (let cardsRead = 0; cardsRead < 3; cardsRead += 1) {
      reader.insert({ atr: desfire, answer: () => pcscError('CommError') })
      await pass(500)
      reader.remove()
      await pass(500)
    }
    expect([states(), reader.asked.length]).toEqual([['silent'], 6])
    reader.insert(nurse)
    await pass(500)
    expect(states()).toEqual(['ready'])
  })

  test('is nothing when the card left meanwhile', async () => {
    const { reader, messages } = await ready()
    const answer = () => {
      reader.remove()
      return pcscError('RemovedCard')
    }
    reader.insert({ atr: desfire, answer })
    await pass(1_000)
    expect([messages, reader.asked.length, reader.connections]).toEqual([[], 1, 0])
  })

  test('waits for another program to let the card go, and is no tap if that takes long', async () => {
    for (const [held, expected] of [
      [800, [nurseBadge]],
      [5_000, []],
    ] as const) {
      const { reader, cards } = await ready()
      reader.refuse('SharingViolation')
      reader.insert(nurse)
      await pass(held)
      expect(cards()).toEqual([])
      reader.refuse(null)
      reader.tell({ exclusive: false })
      await pass(500)
      expect(cards()).toEqual(expected)
    }
  })

  test('ends the reader with advice when the account may not', async () => {
    const { reader, messages } = await ready()
    reader.refuse('SecurityViolation')
    reader.insert(nurse)
    await pass(500)
    const said = messages.find((message) => message.type === 'reader')
    expect(said).toMatchObject({ state: 'permission-denied' })
    expect(said?.detail).toContain('polkit')
  })
})

describe('a card that never answers', () => {
  const never: FakeCard = { atr: desfire, answer: () => new Promise(() => {}) }

  test('is silence at its reader and holds up no other', async () => {
    const [stuck, other] = [createFakeReader('ACS ACR1252 0'), createFakeReader('ACS ACR1252 1')]
    const { messages } = start(stuck, other)
    await pass(100)
    messages.length = 0
    stuck.insert(never)
    await pass(1_900)
    expect(messages).toEqual([])
    await pass(200)
    expect(messages).toMatchObject([{ reader: readerId('ACS ACR1252 0'), state: 'silent' }])
    other.insert(nurse)
    await pass(200)
    expect(messages[1]).toMatchObject({ type: 'tap', reader: readerId('ACS ACR1252 1') })
  })

  test('is no tap when it answers late, and the reader is ready again', async () => {
    const { reader, messages } = await ready()
    const reply = Promise.withResolvers<string>()
    reader.insert({ atr: desfire, answer: () => reply.promise })
    await pass(3_000)
    reply.resolve('04a1b2c3d4e5809000')
    await pass(500)
    expect(messages).toMatchObject([{ state: 'silent' }, { state: 'ready' }])
  })

  test('does not outlive its reader, nor an orderly end of another', async () => {
    const unplugged = await ready()
    unplugged.reader.insert(never)
    await pass(500)
    unplugged.reader.unplug()
    await pass(0)
    expect(unplugged.messages.at(-1)).toMatchObject({ state: 'unplugged' })

    const stopped = await ready()
    stopped.reader.insert(never)
    await pass(500)
    const end = stopped.host.stop()
    await pass(1_100)
    expect(await end).toEqual({ hung: true })
    const calm = await ready()
    expect(await calm.host.stop()).toEqual({ hung: false })
  })
})
