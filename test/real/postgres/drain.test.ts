import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, inject, test } from 'vitest'
import { type BusySeat, openBusySeat } from '../../support/busy-seat.ts'
import { openSeat } from '../../support/house-seat.ts'
import { addPeople } from '../../support/many-people.ts'
import { openQuery, recorded } from '../../support/schema-query.ts'
import { startTwoNodes, type TwoNodes, type Which } from '../../support/two-nodes.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

/*
 * A node is told to stop while people sign in, some with their options already and their proof still
 * to come. Each sign-in is answered, by the node that goes or by the other one, and nothing is on
 * record of which nobody was told.
 */

const rounds = 6
const seatsAtOnce = 20
/** docs/operate.md: with code 0, within 15 s. */
const stopWithin = 15_000
const patience = { timeout: 20_000, interval: 20 }

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function openWard() {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const house = await startTwoNodes({ session, notice: 600 })
  undo.push(() => house.dispose())
  // A house has switches and cables: what is sent may cross what comes back.
  house.front.delay = () => 2 + Math.random() * 8
  const { query, close } = openQuery(session)
  undo.push(close)
  const people = await addPeople(house.db, 'person', seatsAtOnce)
  const seats = await Promise.all(
    people.map(async (person, n) => openBusySeat(house, { workstation: `ws-${n}`, person })),
  )
  undo.push(() => Promise.all(seats.map((seat) => seat.stop())))
  return { house, seats, query }
}

/** What a load balancer does: at the first 503 new connections go to the other node. */
async function leadAway(house: TwoNodes, node: Which): Promise<number> {
  let answer: Response | null = null
  do {
    await pause(20)
    answer = await house.ask(node, '/readyz').catch(() => null)
  } while (answer?.status === 200)
  const at = performance.now()
  house.choose(node === 0 ? 1 : 0)
  expect(answer?.status, 'the node went without a notice').toBe(503)
  expect(await answer?.json()).toMatchObject({ reason: 'stopping' })
  return at
}

const count = (seats: readonly BusySeat[]) => seats.map(({ signIns }) => signIns.length)

test(
  `a node that stops in the middle of sign-ins leaves none half done, ${rounds} times`,
  async () => {
    const { house, seats, query } = await openWard()
    async function everybodySignsIn() {
      const from = count(seats)
      const more = () => count(seats).every((n, at) => n > (from[at] ?? 0))
      await expect.poll(more, patience).toBe(true)
    }
    let [answeredByIt, wentOn] = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const node: Which = round % 2 === 0 ? 0 : 1
      await everybodySignsIn()
      const told = performance.now()
      const going = house.nodes[node]
      going.signal('SIGTERM')
      const notReady = await leadAway(house, node)
      expect(await going.exited).toBe(0)
      const gone = performance.now()
      expect(gone - told).toBeLessThan(stopWithin)
      // Everybody works at the other node.
      await everybodySignsIn()
      const lost = seats.flatMap(({ lostAt }) => lostAt.filter((at) => at > told))
      expect(lost.length).toBeGreaterThanOrEqual(seatsAtOnce)
      expect(Math.min(...lost)).toBeGreaterThan(notReady)
      for (const { signIns } of seats)
        for (const { asked, answered, sentAt, answeredAt } of signIns) {
          if (answeredAt < told || sentAt > gone) continue
          if (asked === answered) answeredByIt += 1
          else wentOn += 1
        }
      await house.restart(node)
    }
    await Promise.all(seats.map((seat) => seat.stop()))

    expect(seats.flatMap(({ wrong }) => wrong)).toEqual([])
    // Otherwise no sign-in met a stop.
    expect(answeredByIt).toBeGreaterThan(rounds * 10)
    expect(wentOn).toBeGreaterThan(rounds * 2)
    const refusals = seats.flatMap(({ refused }) => [...refused])
    process.stdout.write(
      `${answeredByIt} answered by a node that stopped, ${wentOn} begun there and answered by the other, ${refusals.reduce((sum, [, n]) => sum + n, 0)} refusals tried again\n`,
    )

    const acknowledged = seats.flatMap(({ signIns }) => signIns.map(({ sessionId }) => sessionId))
    for (const event of ['session.started', 'session.ended']) {
      const sessions = (await recorded(query, event)).map(({ session }) => String(session))
      expect(sessions.toSorted()).toEqual(acknowledged.toSorted())
    }
    expect(await query('select * from sessions where ended_at is null')).toEqual([])
    expect(await faultsOf(house.db, query)).toEqual([])
  },
  rounds * 30_000,
)

test('a workstation that fell asleep does not keep a node from ending in order', async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const house = await startTwoNodes({ session })
  undo.push(() => house.dispose())
  const seat = await openSeat(house, { workstation: 'ws-1', node: 0 })
  undo.push(() => seat.dispose())
  house.front.blackhole('up', 'down')
  const told = performance.now()
  house.nodes[0].signal('SIGTERM')
  expect(await house.nodes[0].exited, JSON.stringify(house.nodes[0].log.slice(3))).toBe(0)
  expect(performance.now() - told).toBeLessThan(stopWithin)
})
