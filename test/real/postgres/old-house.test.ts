import { Client } from 'pg'
import { sql } from 'kysely'
import { afterEach, expect, inject, test } from 'vitest'
import type { Database } from '../../../main/store/port.ts'
import { startLightAgent } from '../../support/light-agent.ts'
import { addPeople } from '../../support/many-people.ts'
import { startNode } from '../../support/nodes.ts'
import { freshSchema } from '../../support/postgres-schema.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Of people who do not come here: sessions that ended last year, or are open elsewhere. */
const addSessions = (db: Database, prefix: string, count: number, endedAt: number | null) =>
  db.write((tx) =>
    sql`
      with p as (
        insert into people (person_id, given, family, role, user_handle, applications)
        select ${prefix} || i, 'Sample', 'Person ' || i, 'nurse', ${prefix} || i, '[]'
        from generate_series(1, ${sql.lit(count)}) i returning person_id
      )
      insert into sessions (session_id, person_id, workstation_id, workstation_name, kind, scope,
        aal, amr, verified_at, started_at, ends_at, last_activity_at, applications, ended_at)
      select 's-' || person_id, person_id, 'w-' || person_id, 'Ward', 'standard', 'full', 2,
        '["hwk"]', 1, 1, ${Date.now() + 36_000_000}, ${Date.now()}, '[]', ${endedAt}::bigint from p
    `.execute(tx),
  )

test('plans that were made at night, when nobody was signed in, do not read all who are by day', async () => {
  const place = freshSchema(inject('postgres'))
  undo.push(() => place.drop())
  const node = await startNode({ ...place.session, name: 'a' })
  undo.push(() => node.stop())
  const people = await addPeople(node.db, 'person', 40)
  await addSessions(node.db, 'left', 20_000, 1)

  const admin = new Client({ connectionString: place.session.connectionString })
  await admin.connect()
  undo.push(() => admin.end())
  await admin.query(`set search_path = ${place.session.schema}`)
  // In a house of a million sessions it comes once in days.
  await admin.query('alter table sessions set (autovacuum_enabled = false)')
  await admin.query('vacuum analyze')

  const seats = await Promise.all(['one', 'two'].map((name) => startLightAgent(name, node)))
  for (const seat of seats) undo.push(() => seat.dispose())
  const patience = { timeout: 30_000, interval: 5 }
  async function signIn(some: typeof people) {
    for (const [at, person] of some.entries()) {
      const seat = seats[at % 2]
      await expect.poll(() => seat?.tap(person, { passkey: true }), patience).toBe(true)
    }
  }
  await signIn(people.slice(0, 20))
  await addSessions(node.db, 'open', 5000, null)
  const before = await lookups(admin)
  await signIn(people.slice(20))
  let after = before
  const scansSince = async () => (after = await lookups(admin)).scans - before.scans
  await expect.poll(scansSince, { timeout: 30_000 }).toBeGreaterThanOrEqual(40)

  const scans = after.scans - before.scans
  const read = after.read - before.read
  // Versions of rows that are dead are still there.
  expect(read / scans).toBeLessThan(20)
}, 120_000)

/** How often indexes of what is open were asked, and how much they gave back. */
async function lookups(admin: Client) {
  // A connection tells what it did a second later.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const { rows } = await admin.query<{ scans: number; read: number }>(
    `select sum(idx_scan)::int scans, sum(idx_tup_read)::int "read" from pg_stat_user_indexes
      where indexrelname like 'sessions\\_live%' and schemaname = current_schema()`,
  )
  const [row] = rows
  if (!row) throw new Error('no statistics')
  return row
}
