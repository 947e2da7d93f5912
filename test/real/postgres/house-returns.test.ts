import { Client } from 'pg'
import { afterEach, expect, inject, test } from 'vitest'
import type { Handlers } from '../../../main/authority/context.ts'
import { workstationIdSchema } from '../../../main/authority/protocol/index.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { machineKey, machinesFixture, randomId } from '../../support/machines.ts'
import { freshSchema } from '../../support/postgres-schema.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

const count = 5_000
const others = Array.from({ length: 24 }, (_, at) => `ws-${at}`)

test('an agent that comes back, and a look, read what concerns them, not the whole house', async () => {
  const place = freshSchema(inject('postgres'))
  undo.push(() => place.drop())
  const { session } = place
  const db = await openPostgres({ ...session, poolSize: 4 })
  const node = await machinesFixture({ db, nodeId: 'a' })
  undo.push(async () => {
    await node.dispose()
    await db.close()
  })
  const keys = await Promise.all(others.map(machineKey))
  for (const [at, key] of keys.entries()) await node.enrolled(others[at] ?? '', key)

  const admin = new Client({ connectionString: session.connectionString })
  await admin.connect()
  undo.push(() => admin.end())
  await admin.query(`set search_path = ${session.schema}`)
  // As the hour after an installation is: nobody has looked at the tables.
  for (const table of ['workstation_connections', 'workstation_keys', 'workstations'])
    await admin.query(`alter table ${table} set (autovacuum_enabled = false)`)
  await admin.query(
    `insert into workstations (workstation_id, name, place, status, created_at)
      select 'o-' || i, 'Ward', '', 'active', 1 from generate_series(1, $1::int) i`,
    [count],
  )
  await admin.query(
    `insert into workstation_keys (key_id, workstation_id, jwk, created_at)
      select 'k-' || i, 'o-' || i, '{}', 1 from generate_series(1, $1::int) i`,
    [count],
  )
  await admin.query(
    `insert into workstation_connections
      (connection_id, workstation_id, key_id, node_id, instance, opened_at)
      select 'c-' || i, 'o-' || i, 'k-' || i, 'a', 'i', 1 from generate_series(1, $1::int) i`,
    [count],
  )
  // What this read itself is told with the next question.
  await rowsRead(admin)

  const said = { now: 0 } as never
  const handlers = { 'agent.hello': () => Promise.resolve(said) } as unknown as Handlers
  const guarded = node.machines.guard(handlers)
  const connection = () => ({
    id: randomId(),
    alive: () => Promise.resolve(false),
    close: () => {},
    onClose: () => {},
  })
  const rounds = 8
  const before = await rowsRead(admin)
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(
      keys.map(({ keyId }, at) =>
        guarded['agent.hello'](
          { protocol: 1, afterSeq: 0, instance: randomId() },
          {
            workstation: { id: workstationIdSchema.parse(others[at]), name: 'Ward' },
            keyId,
            connection: connection(),
          },
        ),
      ),
    )
    await node.machines.look()
  }
  await db.close()
  const read = (await rowsRead(admin)) - before
  // Its workstation, its key, its connections and the dead versions of them.
  expect(read / (rounds * others.length)).toBeLessThan(25)
}, 60_000)

/** Rows that were fetched by index or scan, the dead ones that an index led to included. */
async function rowsRead(admin: Client): Promise<number> {
  // A connection tells what it did when it ends, or a second later.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const { rows } = await admin.query<{ read: number }>(
    `select (sum(t.seq_tup_read) + sum(i.read))::int "read"
      from pg_stat_user_tables t
      join (select relid, sum(idx_tup_read) "read" from pg_stat_user_indexes group by relid) i
        on i.relid = t.relid
      where t.schemaname = current_schema()
        and t.relname in ('workstation_connections', 'workstation_keys', 'workstations')`,
  )
  return rows[0]?.read ?? Number.NaN
}
