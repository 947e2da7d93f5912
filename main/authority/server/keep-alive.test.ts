import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { keepAlive } from './keep-alive.ts'

/** Between two pings of one connection, ms. */
const every = 20_000
/** Of one turn, ms. */
const turn = 100

/** Stands for a connection whose agent answers pings, or sleeps. */
class StandInClient extends EventEmitter {
  readonly pinged: number[] = []
  readonly #now: () => number
  isThere = true
  constructor(now: () => number) {
    super()
    this.#now = now
  }
  ping() {
    this.pinged.push(this.#now())
    if (this.isThere) this.emit('pong')
  }
  terminate() {
    this.emit('close')
  }
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** So many connections; time goes by in turns of the timer, each of which may come late. */
function connected(count: number) {
  let at = 0
  const lines = keepAlive({ now: () => at })
  onTestFinished(() => lines.dispose())
  const clients = Array.from({ length: count }, () => {
    const client = new StandInClient(() => at)
    lines.watch(client as unknown as WebSocket)
    return client
  })
  const pass = (ms: number, late = 0) => {
    for (const end = at + ms; at < end;) {
      at += turn + late
      vi.advanceTimersByTime(turn)
    }
  }
  return { lines, clients, pass, stand: (ms: number) => void (at += ms) }
}

/** The most that were pinged at one moment. */
function mostAtOnce(clients: readonly StandInClient[]): number {
  const counts = new Map<number, number>()
  for (const at of clients.flatMap(({ pinged }) => pinged))
    counts.set(at, (counts.get(at) ?? 0) + 1)
  return Math.max(...counts.values())
}

/** Between two pings of the same connection, ms. */
const gaps = (clients: readonly StandInClient[]) =>
  clients.flatMap(({ pinged }) => pinged.slice(1).map((at, n) => at - (pinged[n] ?? 0)))

test('each is pinged once in 20 s, and those that came together at different times', () => {
  const { clients, pass } = connected(5_000)
  pass(every)
  for (const { pinged } of clients) expect(pinged).toHaveLength(1)
  expect(mostAtOnce(clients)).toBe(25)
  pass(every)
  expect(new Set(gaps(clients))).toEqual(new Set([every]))
})

test('when the timer is always late each is pinged as often', () => {
  const { clients, pass } = connected(400)
  pass(10 * every, 45)
  expect(Math.max(...gaps(clients))).toBeLessThanOrEqual(every + 2 * (turn + 45))
})

test.each([3_000, 15_000, every, 70_000])(
  'after a stop of %i ms nobody is cut who had no time to answer',
  (stop) => {
    const { clients, pass, stand } = connected(1_000)
    pass(1.5 * every)
    stand(stop)
    pass(2 * every)
    expect(Math.min(...gaps(clients))).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...gaps(clients))).toBeLessThanOrEqual(every + stop + 2 * turn)
    expect(mostAtOnce(clients)).toBeLessThanOrEqual(4 * 5)
  },
)

test('who did not answer is cut at its next turn, and not before', () => {
  const { clients, pass } = connected(2)
  const [asleep, awake] = clients
  const cut = vi.fn<() => void>()
  asleep?.once('close', cut)
  pass(every)
  if (asleep) asleep.isThere = false
  pass(every)
  expect(asleep?.pinged).toHaveLength(2)
  expect(cut).not.toHaveBeenCalled()
  pass(every)
  expect(cut).toHaveBeenCalledOnce()
  pass(every)
  expect(asleep?.pinged).toHaveLength(2)
  expect(awake?.pinged).toHaveLength(4)
})

test('who has gone is not pinged, and nobody is after the end', () => {
  const { lines, clients, pass } = connected(2)
  const [gone, left] = clients
  gone?.emit('close')
  pass(every)
  expect(gone?.pinged).toEqual([])
  expect(left?.pinged).toHaveLength(1)
  lines.dispose()
  pass(2 * every)
  expect(left?.pinged).toHaveLength(1)
})
