import { signIn } from './agent-client.ts'
import { type Engine, prepareGround } from './databases.ts'
import { failuresOf, openLoop, summary } from './drive.ts'
import { type Report, round } from './figures.ts'
import { connectSeats, peopled, startNode } from './house.ts'
import { invent } from './people.ts'

export interface SlowOptions {
  readonly engines: readonly Engine[]
  /** Extra time of a flush, ms. */
  readonly delays: readonly number[]
  readonly tell: Report
}

const seconds = 8

/** What a slow disk makes of sign-ins, at a pace that a hospital has and at one that is too much. */
export async function benchSlow({ engines, delays, tell }: SlowOptions): Promise<void> {
  const people = invent(550 * seconds)
  for (const engine of engines)
    for (const flushDelay of delays) {
      const ground = await prepareGround(engine, flushDelay)
      try {
        const server = await startNode(ground, { database: await peopled(ground, people) })
        const seats = await connectSeats({ url: server.url }, 256)
        let from = 0
        for (const perSecond of [50, 500]) {
          await server.ask('lag')
          const driven = await openLoop({ perSecond, seconds }, async (index) => {
            const seat = seats[index % seats.length]
            const person = people[from + index]
            if (seat && person) await signIn(seat, person)
          })
          from += perSecond * seconds
          const lag = Number(await server.ask('lag'))
          const { p50, p99 } = summary(driven)
          tell({
            name: 'slow',
            engine,
            flushDelay,
            asked: perSecond,
            perSecond: round(driven.times.length / driven.seconds),
            p50: round(p50),
            p99: round(p99),
            /** The longest stop of the event loop. */
            lag: round(lag),
            failed: failuresOf(driven),
            codes: Object.entries(driven.failures)
              .map(([code, count]) => `${code}: ${count}`)
              .join(', '),
            // A sign-in has two flushes, one for the tap and one for the proof.
            ...(perSecond === 50 ? { met: p99 <= 2 * flushDelay + 50 } : {}),
          })
        }
        for (const seat of seats) seat.close()
        await server.kill('SIGKILL')
      } finally {
        await ground.dispose()
      }
    }
}
