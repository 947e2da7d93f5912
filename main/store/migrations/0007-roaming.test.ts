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
  directory = await mkdtemp(join(tmpdir(), 'lanyard-roaming-'))
  const path = join(directory, 'lanyard.db')
  const before = await openDatabase({
    path,
    migrations: migrations.filter(({ name }) => name < '0007'),
  })
  await fill(before)
  await before.close()
  db = await openDatabase({ path })
})
afterEach(async () => {
  await db.close()
  await rm(directory, { recursive: true })
})

const session = (id: string, person: string, at: string, kind: string, startedAt: number) => sql`
  insert into sessions (session_id, person_id, workstation_id, workstation_name, kind, scope, aal,
    amr, verified_at, started_at, ends_at, last_activity_at, applications)
  values (${id}, ${person}, ${at}, ${at}, ${kind}, 'full', 2, '[]', ${startedAt}, ${startedAt},
    9000, ${startedAt}, '[]')
`

/** As a version without roaming could leave it: Maria is active three times. */
async function fill(old: Database): Promise<void> {
  await old.write(async (tx) => {
    for (const person of ['maria', 'tom'])
      await sql`
        insert into people (person_id, given, family, role, user_handle, applications)
        values (${person}, ${person}, 'Example', 'nurse', ${person}, '[]')
      `.execute(tx)
    await session('first', 'maria', 'ws-1', 'standard', 100).execute(tx)
    await session('second', 'maria', 'ws-1', 'fallback', 200).execute(tx)
    await session('third', 'maria', 'ws-2', 'standard', 200).execute(tx)
    await session('toms', 'tom', 'ws-1', 'standard', 50).execute(tx)
    for (const id of ['first', 'third', 'toms'])
      await sql`
        insert into overrides (override_id, session_id, person_id, patient, reason, started_at, ends_at)
        values (${`of ${id}`}, ${id}, 'maria', 'P-1', 'other', 100, 9000)
      `.execute(tx)
    await sql`
      insert into review_cases (case_id, kind, person_id, session_id, workstation_name, reason, note,
        started_at, due_at, escalates_at)
      values ('second', 'fallback', 'maria', 'second', 'ws-1', 'other', 'because of it', 200, 1, 1)
    `.execute(tx)
  })
}

test('of several live sessions of a person the newest stays; the others moved when it began', async () => {
  const rows = await db.read.selectFrom('sessions').selectAll().orderBy('session_id').execute()
  const seen = rows.map((row) => [row.session_id, row.ended_at, row.end_reason, row.continues])
  expect(seen).toEqual([
    ['first', 200, 'moved', null],
    ['second', 200, 'moved', null],
    ['third', null, null, null],
    ['toms', null, null, null],
  ])
})

test('what hung on those that ended is over with them, and nothing else', async () => {
  const overrides = await db.read.selectFrom('overrides').selectAll().execute()
  expect(overrides.map((row) => [row.override_id, row.ended_at])).toEqual([
    ['of first', 200],
    ['of third', null],
    ['of toms', null],
  ])
  const cases = await db.read.selectFrom('review_cases').select('ended_at').execute()
  expect(cases).toEqual([{ ended_at: 200 }])
})

test('the database itself refuses a second live session of a person anywhere', async () => {
  const again = db.write((tx) => session('fourth', 'tom', 'ws-3', 'standard', 300).execute(tx))
  await expect(again).rejects.toMatchObject({ kind: 'unique' })
})
