import type { WebSocket } from 'ws'

/** Nobody is silent for longer, ms; a proxy in between cuts a line at 30 to 60 s. */
const pingEvery = 20_000
/** Thousands of pings in one go would keep everybody else waiting for a quarter of a second. */
const turns = 200

export interface KeepAlive {
  /** From now on it is pinged, and cut when it did not answer the ping before. */
  watch(client: WebSocket): void
  dispose(): void
}

/** Pings each connection in its turn (RFC 6455, 5.5.2): what is half-open, or asleep, is found. */
export function keepAlive(): KeepAlive {
  const byTurn = Array.from({ length: turns }, () => new Set<WebSocket>())
  const awake = new WeakSet<WebSocket>()
  let turn = 0
  let next = 0

  const timer = setInterval(() => {
    turn = (turn + 1) % turns
    for (const client of byTurn[turn] ?? []) {
      if (!awake.delete(client)) client.terminate()
      else client.ping()
    }
  }, pingEvery / turns)
  timer.unref()

  return {
    watch(client) {
      // One by one through the turns: those that came together are not pinged together.
      next = (next + 1) % turns
      const own = byTurn[next]
      own?.add(client)
      awake.add(client)
      client.on('pong', () => awake.add(client))
      client.on('close', () => own?.delete(client))
    },
    dispose: () => clearInterval(timer),
  }
}
