import { afterEach, expect, inject, test } from 'vitest'
import type { AuthorityEvent } from '../../../main/authority/protocol/index.ts'
import { coreUser, patchOp } from '../../support/directory.ts'
import { openSeat } from '../../support/house-seat.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startTwoNodes, type TwoNodes, type Which } from '../../support/two-nodes.ts'
import { newSchema } from './schema.ts'

/*
 * Somebody goes to and fro between a seat of one node and a seat of the other, and now and then the
 * directory or IT has something to say: what a call to one node causes is told by the other.
 */

const eventsPerRound = 200
/** From the answer to the call to the agent that is told, ms, for 99 of 100. */
const goal = 50
/** The machine does other things, too: one of these has to be as fast, and all have to be right. */
const rounds = 3

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function openWard() {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  const house = await startTwoNodes({
    session,
    policy: { 'badge.walkTime': 0, 'roaming.tapGrace': 4 * 3_600_000 },
    directory: {
      titles: [
        { title: 'RN', role: 'nurse' },
        { title: 'MD', role: 'physician' },
      ],
    },
  })
  undo.push(() => house.dispose())
  const open = async (node: Which) => {
    const seat = await openSeat(house, { workstation: `ws-${node}`, node })
    undo.push(() => seat.dispose())
    return seat
  }
  const seats = [await open(0), await open(1)] as const
  const [person] = await addPeople(house.db, 'person', 1)
  if (!person) throw new Error('nobody')
  return { house, seats, person, say: await inDirectory(house, person) }
}

/** Changes what the directory says of a person, at a node of choice. */
async function inDirectory(house: TwoNodes, { personId }: ReadyPerson) {
  const user = { schemas: [coreUser], userName: 'ida', externalId: personId, title: 'RN' }
  const { body } = await house.scim(0, 'POST', '/Users', user)
  return async (node: Which, path: string, value: unknown) => {
    const change = { schemas: [patchOp], Operations: [{ op: 'replace', path, value }] }
    expect((await house.scim(node, 'PATCH', `/Users/${body.id}`, change)).status).toBe(200)
  }
}

const inactivityOf = (round: number) => (10 + round) * 60_000
const summaryOf = (event: AuthorityEvent) => {
  if (event.type === 'session.ended') return `${event.reason} ${event.sessionId}`
  if (event.type !== 'policy.changed') return event.type
  return `policy ${String(event.policy['session.inactivity'])}`
}

test('what a call to one node causes is at the agent of the other within 50 ms, once and in order', async () => {
  const { house, seats, person, say } = await openWard()
  let at: Which = 0
  let sessionId: string | null = null
  let title = 'RN'
  async function tap(seat: Which, passkey: boolean) {
    const { agent } = seats[seat]
    expect(await agent.tap(person, { passkey })).toBe(true)
    return agent.open?.sessionId ?? null
  }

  /** Everything that each seat has to hear, in order. */
  const due: [string[], string[]] = [[], []]
  const answered = new Map<string, number>()
  /** Ends the session by a call to the node at which it is not. Nobody waits until its seat heard that. */
  async function cause(n: number): Promise<void> {
    sessionId ??= await tap(at, true)
    const [before, from]: [string | null, Which] = [sessionId, at === 0 ? 1 : 0]
    const reason = n % 20 === 10 ? 'revoked' : n % 20 === 0 ? 'person-disabled' : 'moved'
    sessionId = null
    if (reason === 'moved') sessionId = await tap(from, false)
    else if (reason === 'person-disabled') await say(from, 'active', false)
    else await say(from, 'title', (title = title === 'RN' ? 'MD' : 'RN'))
    answered.set(`${reason} ${before}`, performance.now())
    due[at].push(`${reason} ${before}`)
    if (reason === 'person-disabled') await say(from, 'active', true)
    at = from
  }
  const summaries = () => seats.map(({ heard }) => heard.map(({ event }) => summaryOf(event)))
  /** What each took, ms; 0 where the agent heard it before whoever caused it had the answer. */
  const times = () =>
    seats
      .flatMap(({ heard }) => heard)
      .flatMap(({ event, at: heardAt }) => {
        const from = answered.get(summaryOf(event))
        return from === undefined ? [] : [Math.max(0, heardAt - from)]
      })
      .toSorted((a, b) => a - b)

  let best = Infinity
  for (let round = 1; round <= rounds && best >= goal; round += 1) {
    answered.clear()
    for (let n = 1; n <= eventsPerRound; n += 1) await cause(n)
    await house.reload(0, { 'session.inactivity': inactivityOf(round) })
    for (const list of due) list.push(`policy ${inactivityOf(round)}`)
    await expect
      .poll(() => summaries().map((list) => list.at(-1)))
      .toEqual(due.map((list) => list.at(-1)))
    expect(summaries()).toEqual(due)

    const took = times()
    expect(took).toHaveLength(eventsPerRound)
    const of = (share: number) => took[Math.ceil(took.length * share) - 1] ?? Infinity
    best = Math.min(best, of(0.99))
    const figures = [of(0.5), of(0.99), of(1)].map((ms) => ms.toFixed(1)).join(', ')
    console.log(
      `${eventsPerRound} events, from the answer to the agent of the other node: p50, p99, worst ${figures} ms`,
    )
  }
  // Whatever else a seat was told would be there, or a number would be missing.
  for (const { heard, agent } of seats) {
    const first = heard[0]?.event.seq ?? 0
    expect(heard.map(({ event }) => event.seq)).toEqual(heard.map((_, n) => first + n))
    expect(agent.problems).toEqual([])
  }
  expect(summaries()).toEqual(due)
  expect(best).toBeLessThan(goal)
})
