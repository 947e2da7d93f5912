import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { AuditInput } from '../../../main/audit/events.ts'
import { createEventHub } from '../../../main/authority/events/hub.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { coreUser, scimFixture } from '../../support/directory.ts'
import { freshSchema, type FreshSchema } from '../../support/postgres-schema.ts'

let place: FreshSchema
const undo: (() => Promise<unknown>)[] = []
beforeEach(() => {
  place = freshSchema(inject('postgres'))
})
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  await place.drop()
})

const config = { groups: [{ group: 'Nurses', role: 'nurse', applications: ['ehr'] }] }

/** SCIM of one node; several stand on the same database. */
async function node(name: string) {
  const db = await openPostgres({ ...place.session, poolSize: 8 })
  undo.push(() => db.close())
  const records: AuditInput[] = []
  const authority = { events: createEventHub({ db }) } as never
  const f = { db, now: () => Date.now(), records, revoked: [], authority }
  return { db, ...(await scimFixture(f, config, name)) }
}

test('of many who create one userName at two nodes, exactly one does', async () => {
  const [one, two] = [await node('one'), await node('two')]
  const at = (n: number) => (n % 2 === 0 ? one : two)
  const key = randomBytes(4).toString('hex')
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      at(n).send('POST', '/Users', { schemas: [coreUser], userName: `U${key}` }),
    ),
  )
  const statuses = answers.map((answer) => answer.status).toSorted((a, b) => a - b)
  expect(statuses).toEqual([201, ...Array.from({ length: 23 }, () => 409)])
  expect(answers.filter((answer) => answer.body.scimType === 'uniqueness')).toHaveLength(23)
})

test('of many who change one version, exactly one does', async () => {
  const [one, two] = [await node('one'), await node('two')]
  const at = (n: number) => (n % 2 === 0 ? one : two)
  const user = await one.createUser('ida')
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, n) => {
      const body = { schemas: [coreUser], userName: 'ida', title: `T${n}` }
      return at(n).send('PUT', `/Users/${user.id}`, body, { 'if-match': 'W/"1"' })
    }),
  )
  const statuses = answers.map((answer) => answer.status).toSorted((a, b) => a - b)
  expect(statuses).toEqual([200, ...Array.from({ length: 15 }, () => 412)])
})

test('members that are added at once are all there, and everybody has the role', async () => {
  const [one, two] = [await node('one'), await node('two')]
  const at = (n: number) => (n % 2 === 0 ? one : two)
  const users = await Promise.all(
    Array.from({ length: 12 }, (_, n) => at(n).createUser(`user${n}`)),
  )
  const group = await one.createGroup('Nurses')
  const answers = await Promise.all(
    users.map((user, n) =>
      at(n).patch(`/Groups/${group.id}`, {
        op: 'add',
        path: 'members',
        value: [{ value: user.id }],
      }),
    ),
  )
  expect(answers.map((answer) => answer.status)).toEqual(users.map(() => 200))
  expect((await two.send('GET', `/Groups/${group.id}`)).body.members).toHaveLength(12)
  const people = await one.db.read.selectFrom('people').selectAll().execute()
  expect(people.filter(({ role }) => role === 'nurse')).toHaveLength(12)
})
