import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import type { Database } from '../../../main/store/port.ts'
import type { Caller } from '../../../main/authority/context.ts'
import type { Response } from '../../../main/authority/protocol/index.ts'
import { type AuthorityFixture, authorityFixture, staff } from '../../support/authority.ts'
import { freshSchema, type FreshSchema } from '../../support/postgres-schema.ts'
import type { SoftwarePasskey } from '../../support/passkey.ts'

/* Two authorities on one PostgreSQL that know nothing of each other: what they do at once. */

const seats = ['ws-a', 'ws-b', 'ws-c'].map(
  (id) => ({ workstation: { id, name: `At ${id}` } }) as unknown as Caller,
)
const [first, second] = seats as [Caller, Caller]

let place: FreshSchema
let databases: Database[]
let nodes: AuthorityFixture[]
let maria: SoftwarePasskey
beforeEach(async () => {
  place = freshSchema(inject('postgres'))
  databases = []
  nodes = []
  for (let n = 0; n < 2; n += 1) {
    const db = await openPostgres({ ...place.session, poolSize: 12 })
    databases.push(db)
    nodes.push(
      await authorityFixture({
        people: [staff('maria'), staff('cora', { role: 'charge-nurse' })],
        policy: { 'roaming.tapGrace': 3_600_000, 'badge.walkTime': 0 },
        guard: () => ({ db, state: () => 'held' }),
      }),
    )
  }
  maria = await node(0).enrol('maria')
})
afterEach(async () => {
  for (const db of databases) await db.close()
  await place.drop()
})

const node = (n: number): AuthorityFixture => {
  const one = nodes[n % nodes.length]
  if (!one) throw new Error('no such node')
  return one
}
const live = () =>
  node(0)
    .db.read.selectFrom('sessions')
    .select(['session_id', 'workstation_id'])
    .where('person_id', '=', 'maria')
    .where('ended_at', 'is', null)
    .execute()
const recorded = (name: Parameters<AuthorityFixture['eventsOf']>[0]) =>
  nodes.flatMap((one) => one.eventsOf(name))

test('of sign-ins of one person at three seats and two nodes at once all succeed and one stays', async () => {
  const ready = await Promise.all(
    Array.from({ length: 24 }, async (_, n) => {
      const caller = seats[n % 3] ?? first
      const { ceremony } = await node(n).tap('maria', { caller })
      return { n, caller, ceremonyId: ceremony.ceremonyId, options: ceremony.options }
    }),
  )
  // Without a counter, so that no order is prescribed.
  const answers = await Promise.all(
    ready.map(({ n, caller, ceremonyId, options }) => {
      const response = maria.assert(options, { counter: 0 })
      return node(n).call('session.start', { ceremonyId, response }, caller)
    }),
  )
  const begun = answers.filter(
    (one): one is Extract<Response<'session.start'>, { outcome: 'signed-in' }> =>
      one.outcome === 'signed-in',
  )
  expect(begun).toHaveLength(24)
  const [stays, ...others] = await live()
  expect(others).toEqual([])
  expect(begun.map(({ session }) => session.sessionId)).toContain(stays?.session_id)
  const rows = await node(0)
    .db.read.selectFrom('sessions')
    .select(['session_id', 'continues', 'end_reason'])
    .where('person_id', '=', 'maria')
    .execute()
  const handovers = await node(0).db.read.selectFrom('handovers').selectAll().execute()
  expect(handovers).toHaveLength(rows.length - 1)
  // One chain: every session but the first goes on with another, and none is gone on with twice.
  const continued = rows.flatMap(({ continues }) => continues ?? [])
  expect(new Set(continued).size).toBe(rows.length - 1)
})

test('of fifty uses of one tap at two nodes exactly one takes the session over', async () => {
  const { ceremony } = await node(0).tap('maria', { caller: first })
  const response = maria.assert(ceremony.options)
  await node(0).call('session.start', { ceremonyId: ceremony.ceremonyId, response }, first)
  const { tapId } = await node(1).tap('maria', { caller: second })
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => node(n).call('session.take', { tapId }, second)),
  )
  expect(answers.filter(({ outcome }) => outcome === 'signed-in')).toHaveLength(1)
  expect((await live()).map((row) => row.workstation_id)).toEqual(['ws-b'])
})

async function signIn(caller: Caller) {
  const { ceremony } = await node(0).tap('maria', { caller })
  const response = maria.assert(ceremony.options)
  const params = { ceremonyId: ceremony.ceremonyId, response }
  const answer = await node(0).call('session.start', params, caller)
  if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
  return answer.session
}

/** A write of another node that names a person, and does not end before it is told to. */
async function holding(personId: string) {
  const other = await openPostgres({ ...place.session, poolSize: 1 })
  databases.push(other)
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const done = other.write(
    async (tx) => {
      // Its locks go out with its first query.
      await tx.selectFrom('people').select('person_id').execute()
      begun.resolve()
      await end.promise
    },
    { lock: [`person:${personId}`] },
  )
  await begun.promise
  return async () => {
    end.resolve()
    await done
  }
}

test('what a seat answers waits for its person only, and marking for those who are told', async () => {
  const left = await signIn(first)
  const next = await signIn(second)
  await signIn(first)
  const { sessionId } = left
  const endOther = await holding('somebody')
  await node(0).call('session.secured', { sessionId }, first)
  await node(1).call('session.cleared', { sessionId, verified: true }, first)
  await endOther()

  const endNurse = await holding('cora')
  node(1).advance(2_000)
  let marked = false
  const marking = node(1)
    .authority.markOverdue()
    .then(() => (marked = true))
  await expect.poll(waiting).toBe(1)
  expect(marked).toBe(false)
  await endNurse()
  await marking
  expect(recorded('seat.unsecured').map(({ session }) => session)).toEqual([next.sessionId])
})

test('a seat that was marked while its answer came in is taken back all the same', async () => {
  const left = await signIn(first)
  await signIn(second)
  const row = () =>
    node(0)
      .db.read.selectFrom('handovers')
      .select(['secured_at', 'unsecured_at'])
      .where('from_session_id', '=', left.sessionId)
      .executeTakeFirstOrThrow()
  // Both begin before either is over: whoever was told is not known to the answer beforehand.
  const endPerson = await holding('maria')
  node(1).advance(2_000)
  const marking = node(1).authority.markOverdue()
  await expect.poll(waiting).toBe(1)
  const answer = node(0).call('session.secured', { sessionId: left.sessionId }, first)
  await expect.poll(waiting).toBe(2)
  await endPerson()
  await Promise.all([marking, answer])
  expect((await row()).secured_at).not.toBeNull()
  expect((await row()).unsecured_at).not.toBeNull()
  expect(recorded('session.secured')).toHaveLength(1)
  expect(recorded('seat.secured')).toHaveLength(1)
  const open = await node(0)
    .db.read.selectFrom('notices')
    .select('person_id')
    .where('kind', '=', 'seat-unsecured')
    .where('answered_at', 'is', null)
    .execute()
  expect(open).toEqual([])
})

/** Writes that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted
  `.execute(node(0).db.read)
  return rows[0]?.count ?? 0
}

test('a seat that says nothing is marked once, whichever nodes look, and taken back once', async () => {
  const left = await signIn(first)
  await signIn(second)
  for (const one of nodes) one.advance(2_000)
  await Promise.all(Array.from({ length: 12 }, (_, n) => node(n).authority.tick()))
  expect(recorded('seat.unsecured')).toHaveLength(1)
  const open = () =>
    node(0)
      .db.read.selectFrom('notices')
      .select('person_id')
      .where('kind', '=', 'seat-unsecured')
      .where('answered_at', 'is', null)
      .execute()
  const told = await open()
  expect(new Set(told.map(({ person_id }) => person_id))).toEqual(new Set(['maria', 'cora']))
  expect(told).toHaveLength(2)
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      node(n).call('session.secured', { sessionId: left.sessionId }, first),
    ),
  )
  expect(recorded('seat.secured')).toHaveLength(1)
  expect(await open()).toEqual([])
})
