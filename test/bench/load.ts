import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { signIn } from './agent-client.ts'
import {
  type DatabaseSettings,
  type Engine,
  openBenchDatabase,
  prepareGround,
} from './databases.ts'
import { failuresOf, openLoop, summary } from './drive.ts'
import { percentile, type Report, round } from './figures.ts'
import { connectSeats, peopled, startNode } from './house.ts'
import { invent } from './people.ts'

export interface LoadOptions {
  readonly engines: readonly Engine[]
  readonly minutes: number
  /** Connected all the time. */
  readonly agents: number
  readonly tell: Report
}

const perSecond = 50
/** Each stays this long, ms; so many people suffice. */
const stay = 20_000
const population = 2500

/** Fifty sign-ins a second, each with a sign-out later, while the rest of the house is connected. */
export async function benchLoad({ engines, minutes, agents, tell }: LoadOptions): Promise<void> {
  const people = invent(population)
  for (const engine of engines) {
    const ground = await prepareGround(engine)
    try {
      const database = await peopled(ground, people)
      const server = await startNode(ground, { database }, { execArgv: ['--expose-gc'] })
      const seats = await connectSeats({ url: server.url }, agents)
      const samples: { minute: number; rssMb: number; fds: number; walMb: number }[] = []
      const ends: Promise<unknown>[] = []
      /** Without what V8 has not collected yet, which swings by a fifth. */
      const collected = () => server.ask('memory') as Promise<{ rss: number; heapUsed: number }>
      let settled = Promise.resolve({ rss: 0, heapUsed: 0 })
      let ended = 0
      let notEnded = 0
      const driven = await openLoop(
        {
          perSecond,
          seconds: minutes * 60,
          onSecond: (second) => {
            void walOf(database).then((walMb) =>
              samples.push({ minute: second / 60, ...server.usage(), walMb }),
            )
            // By then the heap and the caches have found their size.
            if (second === Math.floor((minutes * 60) / 3)) settled = collected()
          },
        },
        async (index) => {
          const seat = seats[(index * 7) % seats.length]
          const person = people[index % people.length]
          if (!seat || !person) return
          const { session } = await signIn(seat, person)
          const { sessionId } = session
          ends.push(
            delay(stay)
              .then(() => seat.call('session.end', { sessionId, reason: 'sign-out' }))
              .then(
                () => (ended += 1),
                () => (notEnded += 1),
              ),
          )
        },
      )
      await Promise.allSettled(ends)
      const records = await recordsOf(database)
      const { p50, p99 } = summary(driven)
      const signedIn = driven.times.length
      const before = await settled
      const after = await collected()
      const fds = [samples[Math.floor(samples.length / 3)], samples.at(-1)].map((one) => one?.fds)
      const missing = signedIn - (records['session.started'] ?? 0)
      tell({
        name: 'load',
        engine,
        perSecond,
        minutes,
        agents,
        signedIn,
        failed: failuresOf(driven),
        p50: round(p50),
        p99: round(p99),
        worst: round(percentile(driven.times, 1)),
        met: p99 < 100 && failuresOf(driven) === 0 && missing === 0,
      })
      tell({
        name: 'load.memory',
        engine,
        rssMbThird: mb(before.rss),
        rssMbEnd: mb(after.rss),
        heapMbThird: mb(before.heapUsed),
        heapMbEnd: mb(after.heapUsed),
        rssMbMost: round(Math.max(...samples.map(({ rssMb }) => rssMb))),
        fdsThird: fds[0] ?? 0,
        fdsEnd: fds[1] ?? 0,
        walMbMost: round(Math.max(...samples.map(({ walMb }) => walMb))),
        met: after.rss < 1.1 * before.rss && (fds[1] ?? 0) <= (fds[0] ?? 0) + 8,
      })
      tell({
        name: 'load.records',
        engine,
        started: records['session.started'] ?? 0,
        identified: records['badge.identified'] ?? 0,
        signOuts: ended,
        signOutsFailed: notEnded,
        ended: records['session.ended'] ?? 0,
        missing,
        met: missing === 0 && notEnded === 0 && ended <= (records['session.ended'] ?? 0),
      })
      for (const seat of seats) seat.close()
      await server.kill()
    } finally {
      await ground.dispose()
    }
  }
}

const mb = (bytes: number) => round(bytes / 1024 / 1024)

async function walOf(database: DatabaseSettings): Promise<number> {
  if (database.engine === 'postgres') return 0
  const file = await stat(`${database.path}-wal`).catch(() => null)
  return (file?.size ?? 0) / 1024 / 1024
}

/** How many records of each event there are. */
async function recordsOf(database: DatabaseSettings): Promise<Record<string, number>> {
  const db = await openBenchDatabase(database)
  const counts: Record<string, number> = {}
  let after = 0
  for (;;) {
    const rows = await db.read
      .selectFrom('auditRecord')
      .select(['id', 'body'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(5000)
      .execute()
    for (const { body } of rows) {
      const { event } = JSON.parse(body) as { event: string }
      counts[event] = (counts[event] ?? 0) + 1
    }
    const last = rows.at(-1)
    if (!last) break
    after = last.id
  }
  await db.close()
  return counts
}
