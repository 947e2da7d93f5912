import * as client from 'openid-client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { SessionId } from '../../../main/authority/protocol/index.ts'
import { createBrowser, createTestClient } from '../../../main/authority/oauth/fixture-client.ts'
import { coreUser, patchOp } from '../../support/directory.ts'
import { type HouseSeat, openSeat } from '../../support/house-seat.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { startTwoNodes, type TwoNodes, type Which } from '../../support/two-nodes.ts'
import { newSchema } from './schema.ts'

/* The directory tells one node that somebody left; the seat at which they work hangs on the other. */

/** Until nothing can be done at any seat any more, ms (docs/directory.md). */
const within = 2_000
const nodes: readonly Which[] = [0, 1]

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

const ehr = await createTestClient('ehr')
let house: TwoNodes
let seats: readonly [HouseSeat, HouseSeat]
let people: readonly ReadyPerson[]
beforeAll(async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  house = await startTwoNodes({
    session,
    directory: { titles: [{ title: 'RN', role: 'nurse', applications: ['ehr'] }] },
    applications: [ehr.application],
    policy: { 'badge.walkTime': 0 },
  })
  undo.push(() => house.dispose())
  people = await addPeople(house.db, 'person', 3)
  const open = async (node: Which) => {
    const seat = await openSeat(house, { workstation: `ws-${node}`, node })
    undo.push(() => seat.dispose())
    return seat
  }
  seats = [await open(0), await open(1)]
})

/** What an application holds of a session: whether each node takes it for good. */
async function tokenOf(seat: HouseSeat, sessionId: SessionId) {
  const { body } = await seat.call(0, 'launch.create', { sessionId, application: 'ehr' })
  const configuration = await ehr.discover(house.url)
  const { url } = body as { readonly url: string }
  const { redeem } = await ehr.signIn(configuration, createBrowser(), url)
  const token = (await redeem()).access_token
  return async () => {
    const active: boolean[] = []
    for (const node of nodes) {
      configuration[client.customFetch] = (to, { method, headers, body }) => {
        const form = body instanceof URLSearchParams ? body.toString() : ''
        return house.ask(node, new URL(to).pathname, { method, headers, body: form })
      }
      active.push((await client.tokenIntrospection(configuration, token)).active)
    }
    return active
  }
}

const usable = (seat: HouseSeat, sessionId: SessionId) =>
  Promise.all(
    nodes.map(async (node) => {
      const { status, body } = await seat.call(node, 'session.activity', { sessionId })
      return status === 200 ? 'yes' : (body as { error: { code: string } }).error.code
    }),
  )

const notActive = { op: 'replace', path: 'active', value: false }
const ways = [
  ['PATCH active=false', 0, 'PATCH', { schemas: [patchOp], Operations: [notActive] }],
  ['PUT active=false', 1, 'PUT', { schemas: [coreUser], title: 'RN', active: false }],
  ['DELETE', 0, 'DELETE', null],
] as const

test.each(ways)(
  'a person is disabled by %s at one node: the seat at the other hears it within two seconds, and nothing of theirs can be used at either',
  async (way, where, method, body) => {
    const [seat, other] = where === 0 ? seats : [seats[1], seats[0]]
    const elsewhere = where === 0 ? 1 : 0
    const person = people[ways.findIndex(([name]) => name === way)]
    if (!person) throw new Error('nobody')
    const userName = `${person.personId}@willowbrook.example`
    // By this id the directory takes over whom the house knows.
    const user = { schemas: [coreUser], userName, externalId: person.personId, title: 'RN' }
    const { status, body: made } = await house.scim(elsewhere, 'POST', '/Users', user)
    expect(status).toBe(201)
    expect(await seat.agent.tap(person, { passkey: true })).toBe(true)
    const sessionId = seat.agent.open?.sessionId
    if (!sessionId) throw new Error('nothing is open')
    const introspect = await tokenOf(seat, sessionId)
    expect(await usable(seat, sessionId)).toEqual(['yes', 'yes'])
    expect(await introspect()).toEqual([true, true])

    const sent = performance.now()
    const path = `/Users/${made.id}`
    const answer = await house.scim(
      elsewhere,
      method,
      path,
      body ? { ...body, userName } : undefined,
    )
    expect(answer.status).toBe(method === 'DELETE' ? 204 : 200)
    const answered = performance.now()
    expect(await usable(seat, sessionId)).toEqual(['session-ended', 'session-ended'])
    expect(await introspect()).toEqual([false, false])
    const ended = () =>
      seat.heard.filter(({ event }) => 'sessionId' in event && event.sessionId === sessionId)
    await expect.poll(ended, { interval: 5 }).toHaveLength(1)
    const [last] = ended()
    if (!last) throw new Error('it was not told')
    console.log(
      `${way}: answered after ${(answered - sent).toFixed(0)} ms, at the seat of the other node after ${(last.at - sent).toFixed(0)} ms`,
    )
    expect(last.event).toMatchObject({ type: 'session.ended', reason: 'person-disabled' })
    expect(last.at - sent).toBeLessThan(within)
    expect(seat.agent.open).toBeNull()

    for (const node of nodes) {
      const tap = {
        tapId: `again-${node}`,
        badge: person.badge,
        reader: 'r',
        purpose: 'sign-in',
      } as const
      expect((await other.call(node, 'tap.identify', tap)).body).toEqual({ outcome: 'refused' })
    }
    await expect.poll(() => seat.agent.unsettled).toBeNull()
    expect(ended()).toHaveLength(1)
    expect([...seat.agent.problems, ...other.agent.problems]).toEqual([])
  },
)
