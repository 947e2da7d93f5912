import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPcscMiniPort } from './pcsc-mini-port.ts'
import type { PcscStatus } from './pcsc-port.ts'

const clients = vi.hoisted(() => [] as FakeClient[])
const service = vi.hoisted(() => ({ up: true }))

interface FakeClient extends EventEmitter {
  stops: number
}

/** The part of pcsc-mini that the port uses, as far as its clients go. */
vi.mock('pcsc-mini', async () => {
  const { EventEmitter: Emitter } = await import('node:events')
  class Client extends Emitter {
    stops = 0
    start() {
      if (!service.up) throw Object.assign(new Error('no service'), { code: 'NoService' })
      clients.push(this)
      return this
    }
    stop() {
      this.stops += 1
      throw Object.assign(new Error('gone'), { code: 'InvalidHandle' })
    }
  }
  const ReaderStatus = { PRESENT: 32, MUTE: 512, EXCLUSIVE: 128 }
  return { Client, ReaderStatus, CardMode: { SHARED: 2 }, CardDisposition: { LEAVE: 0 } }
})

beforeEach(() => {
  clients.length = 0
  service.up = true
})
afterEach(() => void vi.useRealTimers())

function fakeReader(connect: () => Promise<unknown> = () => Promise.reject(new Error('no card'))) {
  return Object.assign(new EventEmitter(), { name: () => 'Reader 0', connect })
}

/** Lists, with the reader there as soon as the client is started. */
async function list(port: ReturnType<typeof createPcscMiniPort>, reader = fakeReader()) {
  const before = clients.length
  const listing = port.list()
  await vi.waitFor(() => expect(clients.length).toBe(before + 1))
  clients.at(-1)?.emit('reader', reader)
  return { reader, found: await listing, client: clients.at(-1) }
}

test('a reader is listed with its latest status, and tells the next ones', async () => {
  const { reader, found } = await list(createPcscMiniPort())
  reader.emit('change', { raw: 0x1_0022 }, new Uint8Array())
  const statuses: PcscStatus[] = []
  let gone = 0
  found[0]?.follow({ status: (status) => statuses.push(status), gone: () => (gone += 1) })
  reader.emit('change', { raw: 0x2_02a2 }, new Uint8Array())
  reader.emit('change', { raw: 0x3_0012 }, new Uint8Array())
  reader.emit('disconnect')
  expect(statuses).toEqual([
    { card: 'present', exclusive: false, count: 1 },
    { card: 'mute', exclusive: true, count: 2 },
    { card: 'absent', exclusive: false, count: 3 },
  ])
  expect(gone).toBe(1)
})

test('a service that is not there is tried again by the next list', async () => {
  const port = createPcscMiniPort()
  service.up = false
  await expect(port.list()).rejects.toMatchObject({ code: 'NoService' })
  await expect(port.list()).rejects.toMatchObject({ code: 'NoService' })
  service.up = true
  expect((await list(port)).found).toHaveLength(1)
})

test('a client that failed takes its readers with it, and another takes its place', async () => {
  const port = createPcscMiniPort()
  const { found, client } = await list(port)
  let gone = 0
  let changes = 0
  port.watch(() => (changes += 1))
  found[0]?.follow({ status: () => {}, gone: () => (gone += 1) })
  client?.emit('error', Object.assign(new Error('overflow'), { code: 'StatusEventBufferOverflow' }))
  client?.emit('error', new Error('again'))
  expect([gone, changes, client?.stops]).toEqual([1, 1, 1])
  expect((await list(port)).client).not.toBe(client)
})

test('a client whose places are all taken by dead connections is replaced', async () => {
  const port = createPcscMiniPort()
  const full = Object.assign(new Error('full'), { code: 'TooManyCardConnections' })
  const { found, client } = await list(
    port,
    fakeReader(() => Promise.reject(full)),
  )
  await expect(found[0]?.connect()).rejects.toBe(full)
  expect((await list(port)).client).not.toBe(client)
})

test('a card is known by the ATR of its connection, left as it is, and given back on an error', async () => {
  const ends: number[] = []
  const native = {
    state: vi.fn<() => Promise<{ atr: Uint8Array }>>(async () => ({
      atr: Uint8Array.of(0x3b, 0x81),
    })),
    transmit: async () => Uint8Array.of(0x90, 0x00),
    disconnect: async (then: number) => void ends.push(then),
  }
  const { found } = await list(
    createPcscMiniPort(),
    fakeReader(() => Promise.resolve(native)),
  )
  const card = await found[0]?.connect()
  expect(card?.atr).toEqual(Uint8Array.of(0x3b, 0x81))
  expect(await card?.transmit(Uint8Array.of(0xff))).toEqual(Uint8Array.of(0x90, 0x00))
  await card?.disconnect()
  native.state.mockRejectedValueOnce(new Error('removed'))
  await expect(found[0]?.connect()).rejects.toThrow('removed')
  expect(ends).toEqual([0, 0])
})
