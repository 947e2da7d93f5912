import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CallMeter } from './guard-calls.ts'
import type { TapMeter } from './meter-taps.ts'

/** What is read at the moment of a scrape; a person, badge or workstation is in none of it. */
export interface Readings {
  readonly ready: boolean
  readonly sockets: number
  /** Who waits for its turn to come in, by what it waits for. */
  readonly arriving: Readonly<Record<'handshake' | 'proof' | 'hello', number>>
  readonly underWay: number
  readonly databaseReachable: boolean
  /** Records that are not in the tree yet, and the age of the oldest, ms. */
  readonly waiting: number
  readonly lag: number
  readonly connections: readonly {
    readonly pool: string
    readonly inUse: number
    readonly idle: number
    readonly waiting: number
  }[]
  /** When the server's certificate ends, ms; null without TLS. */
  readonly certificateEnds: number | null
}

export interface Metrics extends CallMeter, TapMeter {
  /** From now on scrapes say this. */
  watch(read: () => Readings): void
  shed(reason: 'full' | 'slow' | 'connections'): void
  retried(): void
  clockJumped(): void
  /** From the transaction of an event on another node to its sending here, ms. */
  eventSent(lag: number): void
  /** In Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2]

/** The numbers of one node. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  let read: (() => Readings) | null = null
  const count = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string, value: (readings: Readings) => number | null) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const now = read && value(read())
        if (now === null) this.remove()
        else this.set(now)
      },
    })

  const calls = count('lanyard_calls_total', 'Calls of agents', ['call', 'outcome'])
  const durations = new Histogram({
    name: 'lanyard_call_duration_seconds',
    help: 'From the call to its answer',
    labelNames: ['call'],
    buckets: seconds,
    registers,
  })
  const sheds = count('lanyard_sheds_total', 'What was refused under too much load', ['reason'])
  const retries = count('lanyard_transaction_retries_total', 'Transactions that ran again')
  const jumps = count('lanyard_clock_jumps_total', "Jumps of the database's clock")
  const events = new Histogram({
    name: 'lanyard_event_lag_seconds',
    help: 'From the transaction of an event on another node to its sending here',
    buckets: seconds,
    registers,
  })
  const legs = new Histogram({
    name: 'lanyard_tap_leg_seconds',
    help: 'Legs of taps at the workstations, and the whole',
    labelNames: ['leg'],
    buckets: [...seconds, 5, 10, 30],
    registers,
  })
  gauge('lanyard_ready', 'Whether this node takes requests', ({ ready }) => Number(ready))
  gauge('lanyard_sockets', 'Connected agents', ({ sockets }) => sockets)
  gauge('lanyard_calls_under_way', 'Calls at this moment', ({ underWay }) => underWay)
  gauge('lanyard_database_reachable', 'Whether the database answers', (readings) =>
    Number(readings.databaseReachable),
  )
  gauge('lanyard_log_waiting_records', 'Records not yet in the tree', ({ waiting }) => waiting)
  gauge('lanyard_log_lag_seconds', 'Age of the oldest of them', ({ lag }) => lag / 1000)
  gauge(
    'lanyard_certificate_ends_timestamp_seconds',
    'When the certificate ends',
    ({ certificateEnds }) => certificateEnds && certificateEnds / 1000,
  )
  const arriving = new Gauge({
    name: 'lanyard_agents_arriving',
    help: 'Who waits for its turn to come in, by what it waits for',
    labelNames: ['for'],
    registers,
    collect() {
      for (const [what, count] of Object.entries(read?.().arriving ?? {}))
        arriving.set({ for: what }, count)
    },
  })
  const connections = new Gauge({
    name: 'lanyard_database_connections',
    help: 'Connections to the database, and calls that wait for one',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const { pool, inUse, idle, waiting } of read?.().connections ?? []) {
        connections.set({ pool, state: 'in-use' }, inUse)
        connections.set({ pool, state: 'idle' }, idle)
        connections.set({ pool, state: 'waiting' }, waiting)
      }
    },
  })

  return {
    watch: (next) => void (read = next),
    finished(call, outcome, took) {
      calls.inc({ call, outcome })
      durations.observe({ call }, took)
    },
    shed: (reason) => sheds.inc({ reason }),
    retried: () => retries.inc(),
    clockJumped: () => jumps.inc(),
    tapLeg: (leg, took) => legs.observe({ leg }, took),
    eventSent: (lag) => events.observe(lag / 1000),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
