import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../open-database.ts'
import type { Database } from '../port.ts'
import { migrations } from './index.ts'

let directory: string
let db: Database
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-lookups-'))
  const path = join(directory, 'lanyard.db')
  const before = await openDatabase({
    path,
    migrations: migrations.filter(({ name }) => name < '0011'),
  })
  await before.write(async (tx) => {
    for (let n = 0; n < users; n++) await insertUser(tx, n)
    await sql`
      insert into directory_groups (group_id, display_name, version, created_at, changed_at)
      values ('g1', 'Ward ÄRZTE', 1, 1, 1)
    `.execute(tx)
  })
  await before.close()
  db = await openDatabase({ path })
})
afterEach(async () => {
  await db.close()
  await rm(directory, { recursive: true })
})

/** More than one part of the step; the last one is deleted, the first has no address. */
const users = 502
function insertUser(tx: Parameters<Parameters<Database['write']>[0]>[0], n: number) {
  const id = `u${String(n).padStart(4, '0')}`
  const emails = [{ value: `${id}@X.example` }, { value: `${id}@x.EXAMPLE`, type: 'home' }]
  const deleted = n === users - 1
  const document = deleted || n === 0 ? {} : { userName: id, emails }
  return sql`
    insert into directory_users
      (user_id, person_id, user_name_key, document, version, created_at, changed_at, deleted_at)
    values (${id}, ${id}, ${id}, ${JSON.stringify(document)}, 1, 1, 1, ${deleted ? 1 : null})
  `.execute(tx)
}

test('who and what was there before is looked up like who comes after', async () => {
  const emails = await db.read.selectFrom('directory_emails').selectAll().execute()
  expect(emails).toHaveLength(users - 2)
  expect(emails).toContainEqual({ user_id: 'u0500', value_key: 'u0500@x.example' })
  expect(await db.read.selectFrom('directory_groups').select('display_key').execute()).toEqual([
    { display_key: 'ward ärzte' },
  ])
})
