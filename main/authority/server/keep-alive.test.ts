import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { keepAlive } from './keep-alive.ts'

/** Between two pings of one connection, ms. */
const every = 20_000

/** Stands for a connection whose agent answers pings, or sleeps. */
class StandInClient extends EventEmitter {
  readonly pinged: number[] = []
  isThere = true
  ping() {
    this.pinged.push(Date.now())
    if (this.isThere) this.emit('pong')
  }
  terminate() {
    this.emit('close')
  }
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

function connected(count: number): StandInClient[] {
  const lines = keepAlive()
  onTestFinished(() => lines.dispose())
  return Array.from({ length: count }, () => {
    const client = new StandInClient()
    lines.watch(client as unknown as WebSocket)
    return client
  })
}

test('each is pinged once in 20 s, and those that came together at different times', () => {
  const clients = connected(5_000)
  vi.advanceTimersByTime(every)
  const atOnce = new Map<number, number>()
  for (const { pinged } of clients) {
    expect(pinged).toHaveLength(1)
    const [at = 0] = pinged
    atOnce.set(at, (atOnce.get(at) ?? 0) + 1)
  }
  expect(Math.max(...atOnce.values())).toBeLessThanOrEqual(25)
  vi.advanceTimersByTime(every)
  for (const { pinged } of clients) expect(pinged).toEqual([pinged[0], Number(pinged[0]) + every])
})

test('who did not answer is cut at its next turn, and not before', () => {
  const [asleep, awake] = connected(2)
  const cut = vi.fn<(at: number) => void>()
  asleep?.once('close', () => cut(Date.now()))
  vi.advanceTimersByTime(every)
  expect(asleep?.pinged).toHaveLength(1)
  if (asleep) asleep.isThere = false
  vi.advanceTimersByTime(every)
  expect(cut).not.toHaveBeenCalled()
  vi.advanceTimersByTime(every)
  expect(cut).toHaveBeenCalledExactlyOnceWith(Number(asleep?.pinged[1]) + every)
  vi.advanceTimersByTime(every)
  expect(asleep?.pinged).toHaveLength(2)
  expect(awake?.pinged).toHaveLength(4)
})

test('who has gone is not pinged, and nobody is after the end', () => {
  const lines = keepAlive()
  const [gone, left] = [new StandInClient(), new StandInClient()]
  for (const client of [gone, left]) lines.watch(client as unknown as WebSocket)
  gone.emit('close')
  vi.advanceTimersByTime(every)
  expect(gone.pinged).toEqual([])
  expect(left.pinged).toHaveLength(1)
  lines.dispose()
  vi.advanceTimersByTime(2 * every)
  expect(left.pinged).toHaveLength(1)
})
