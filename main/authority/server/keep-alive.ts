import type { WebSocket } from 'ws'

/** Nobody is silent for much longer, ms: proxies in between cut a line after 30 to 60 s. */
const pingEvery = 20_000
/** Thousands of pings in one go would keep everybody else waiting for a quarter of a second. */
const turns = 200
const turnTime = pingEvery / turns
/** Turns at a time when the event loop was late; so nobody is asked again before 5 s have gone. */
const catchUp = 4

export interface KeepAlive {
  /** From now on it is pinged, and cut when it did not answer the ping before. */
  watch(client: WebSocket): void
  dispose(): void
}

/**
 * Pings each connection in its turn (RFC 6455, 5.5.2): what is half-open, or asleep, is found.
 * `now`: monotonic, ms.
 */
export function keepAlive({ now = () => performance.now() } = {}): KeepAlive {
  const byTurn = Array.from({ length: turns }, () => new Set<WebSocket>())
  const awake = new WeakSet<WebSocket>()
  const begun = now()
  /** Turns since then that are over. */
  let over = 0
  let next = 0

  function ping(clients: Iterable<WebSocket>): void {
    for (const client of clients) {
      if (!awake.delete(client)) client.terminate()
      else client.ping()
    }
  }

  const timer = setInterval(() => {
    const due = Math.floor((now() - begun) / turnTime) - over
    // Whole rounds in which this process stood still are nobody's fault.
    over += due - (due % turns)
    for (let late = Math.min(due % turns, catchUp); late > 0; late -= 1) {
      over += 1
      ping(byTurn[over % turns] ?? [])
    }
  }, turnTime)
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
