import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Database } from '../../../main/store/port.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { newSchema } from './schema.ts'

/** A newer node adds a column while this one runs, whose connections have prepared `select *`. */
let place: ReturnType<typeof newSchema>
let db: Database
beforeEach(async () => {
  place = newSchema(inject('postgres'))
  db = await openPostgres({ ...place.session, poolSize: 1 })
})
afterEach(async () => {
  await db.close()
  await place.drop()
})

async function addColumn() {
  const client = new Client({ connectionString: place.session.connectionString })
  await client.connect()
  await client.query(`alter table ${place.session.schema}.agent_channels add column later text`)
  await client.end()
}

const write = () =>
  db.write(async (tx) => {
    const before = await tx
      .selectFrom('agent_channels')
      .selectAll()
      .where('workstation_id', '=', 'ws-1')
      .executeTakeFirst()
    const row = { workstation_id: 'ws-1', seq: (before?.seq ?? 0) + 1 }
    await tx
      .insertInto('agent_channels')
      .values(row)
      .onConflict((conflict) => conflict.column('workstation_id').doUpdateSet({ seq: row.seq }))
      .execute()
    return row.seq
  })
const read = () =>
  db.read
    .selectFrom('agent_channels')
    .selectAll()
    .where('workstation_id', '=', 'ws-1')
    .executeTakeFirst()

test('a write goes on, and takes place once', async () => {
  expect([await write(), await write()]).toEqual([1, 2])
  await addColumn()
  expect([await write(), await write()]).toEqual([3, 4])
})

test('a read goes on', async () => {
  await write()
  expect(await read()).toMatchObject({ seq: 1 })
  await addColumn()
  expect(await read()).toMatchObject({ seq: 1 })
  expect(await read()).toMatchObject({ seq: 1 })
})
