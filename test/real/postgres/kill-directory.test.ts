import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Response } from '../../../main/authority/protocol/index.ts'
import { coreUser, patchOp } from '../../support/directory.ts'
import { enrolAt, httpCalls } from '../../support/house-seat.ts'
import {
  type KillingGround,
  openKillingGround,
  type Request,
} from '../../support/killing-ground.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { recorded } from '../../support/schema-query.ts'
import type { TwoNodes, Which } from '../../support/two-nodes.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

/*
 * A node dies in the middle of what the directory tells it: somebody new, another title, somebody who
 * left. The directory says it again to another node, and it has happened once and as a whole.
 */

const rounds = 6
const ofEach = 3
const nodes: readonly Which[] = [0, 1]

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})
let ground: KillingGround
let house: TwoNodes
let query: KillingGround['query']
let call: ReturnType<typeof httpCalls>
let staff: ReadyPerson[]
beforeAll(async () => {
  const { session, drop } = newSchema(inject('postgres'))
  const titles = [
    { title: 'RN', role: 'nurse' },
    { title: 'MD', role: 'physician' },
  ]
  undo.push(drop)
  ground = await openKillingGround({ session, directory: { titles } })
  undo.push(() => ground.dispose())
  ;({ house, query } = ground)
  staff = [...(await addPeople(house.db, 'person', rounds * ofEach))]
  const { machine, key } = await enrolAt(house, 'ws-1')
  call = httpCalls(house, machine.identity, await key())
})

const answered = async (
  wanted: readonly number[],
  ...request: Parameters<TwoNodes['scim']>
): Promise<void> => {
  const { status } = await house.scim(...request)
  if (!wanted.includes(status)) throw new Error(`${request[1]} was answered with ${status}`)
}
const changes = (id: unknown, change: string) =>
  recorded(query, 'directory.changed', { id: String(id), change })

/** What the tables say of a User and their person, and how often a change of it is on record. */
async function stateOf(userName: string, change: string) {
  const rows = await query(
    `select user_id, version, role, disabled_at is not null as disabled
      from directory_users u left join people p on p.person_id = u.person_id where user_name_key = $1`,
    [userName],
  )
  const [user] = rows
  const records = (await changes(user?.['user_id'], change)).length
  const { version, role, disabled } = user ?? {}
  return { users: rows.length, version: Number(version), role, disabled, records }
}

let count = 0
const newName = () => `user${(count += 1)}`
async function hire(more: object = {}) {
  const userName = newName()
  const user = { schemas: [coreUser], userName, title: 'RN', ...more }
  const { status, body } = await house.scim(0, 'POST', '/Users', user)
  expect(status).toBe(201)
  return { userName, path: `/Users/${body.id}` }
}
const replace = (path: string, value: unknown) => ({
  schemas: [patchOp],
  Operations: [{ op: 'replace', path, value }],
})

async function somebodyNew(): Promise<Request> {
  const userName = newName()
  const user = { schemas: [coreUser], userName, title: 'RN' }
  return {
    ask: (node) => answered([201], node, 'POST', '/Users', user),
    // 409: it was taken already, and the directory finds them by their name.
    askAgain: (node) => answered([201, 409], node, 'POST', '/Users', user),
    async check() {
      const state = { users: 1, version: 1, role: 'nurse', disabled: false, records: 1 }
      expect(await stateOf(userName, 'created')).toEqual(state)
    },
  }
}

async function anotherTitle(): Promise<Request> {
  const { userName, path } = await hire()
  return {
    ask: (node) => answered([200], node, 'PATCH', path, replace('title', 'MD')),
    async check() {
      const state = { users: 1, version: 2, role: 'physician', disabled: false, records: 1 }
      expect(await stateOf(userName, 'patched')).toEqual(state)
    },
  }
}

const tap = async (node: Which, { badge }: ReadyPerson) => {
  const tapId = randomBytes(8).toString('hex')
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
  return (await call(node, 'tap.identify', params)).body as Response<'tap.identify'>
}

/** Whoever leaves has a session at this moment. */
async function leaver(): Promise<Request> {
  const person = staff.pop()
  if (!person) throw new Error('nobody is left')
  const { personId } = person
  const { userName, path } = await hire({ externalId: personId })
  const told = await tap(0, person)
  if (told.outcome !== 'identified') throw new Error(told.outcome)
  const { ceremonyId, options } = told.ceremony
  const proof = { ceremonyId, response: person.answer(options) }
  expect(await call(0, 'session.start', proof)).toMatchObject({ body: { outcome: 'signed-in' } })
  return {
    ask: (node) => answered([200], node, 'PATCH', path, replace('active', false)),
    async check() {
      const state = { users: 1, version: 2, role: 'nurse', disabled: true, records: 1 }
      expect(await stateOf(userName, 'patched')).toEqual(state)
      expect(await recorded(query, 'person.disabled', { actor: personId })).toHaveLength(1)
      const sessions = await query(
        'select session_id, end_reason from sessions where person_id = $1',
        [personId],
      )
      expect(sessions).toMatchObject([{ end_reason: 'person-disabled' }])
      const session = String(sessions[0]?.['session_id'])
      expect(await recorded(query, 'session.ended', { session })).toHaveLength(1)
      for (const node of nodes) expect((await tap(node, person)).outcome).toBe('refused')
    },
  }
}

test(`what the directory says to a node that dies happens once, ${rounds} times`, async () => {
  for (let n = 0; n < rounds; n += 1) {
    const each = Array.from({ length: ofEach }, () => [somebodyNew(), anotherTitle(), leaver()])
    await ground.round(await Promise.all(each.flat()))
  }
  const { made, unheard } = ground.count
  process.stdout.write(`${unheard} of ${made} had no answer\n`)
  // Otherwise nobody was killed in the middle of anything.
  expect(unheard).toBeGreaterThan(rounds)
  expect(unheard).toBeLessThan(made)
  expect(await faultsOf(house.db, query)).toEqual([])
}, 300_000)
