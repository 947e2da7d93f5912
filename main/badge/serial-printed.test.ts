import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startAtFakePort as start } from '../../test/real/serial/fake-port.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a reader that prints lines', () => {
  async function ready() {
    const started = start('lines')
    await pass(500)
    return started
  }
  const badge = (text: string) => `PRINTED|RAW|32|${Buffer.from(text).toString('hex')}`

  test('tells each line as a badge that came and went', async () => {
    const { print, events } = await ready()
    print('12')
    print('34\r\n')
    await pass(2_000)
    print('1235\r1236\n')
    expect(events).toEqual([badge('1234'), 'gone', badge('1235'), 'gone', badge('1236'), 'gone'])
  })

  test('half a line, and its other half after a silence, are no badge', async () => {
    const { print, events } = await ready()
    for (const [half, other] of [
      ['12', '34'],
      ['99', '1234'],
      ['1234', '5'],
    ] as const) {
      print(half)
      await pass(250)
      print(`${other}\r`)
    }
    expect(events).toEqual([])
    print('1235\r')
    expect(events).toEqual([badge('1235'), 'gone'])
  })

  test('what it kept while nobody listened is no badge, nor is what is half in it', async () => {
    const { print, events } = start('lines')
    await pass(1)
    print('1234\r12')
    await pass(300)
    print('34\r1236\r')
    expect(events).toEqual([badge('1236'), 'gone'])
  })

  test('what it kept before a resync is no badge', async () => {
    const { print, events, reader } = await ready()
    print('12')
    reader.resync()
    print('34\r1235\r')
    await pass(500)
    print('1236\r')
    expect(events).toEqual([badge('1236'), 'gone'])
  })

  test('asks for nothing and wakes for nothing', async () => {
    await ready()
    expect(vi.getTimerCount()).toBe(1)
  })
})
