import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../open-database.ts'
import { migrations } from './index.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-badges-'))
  path = join(directory, 'lanyard.db')
})
afterEach(() => rm(directory, { recursive: true }))

const upTo = (name: string) => migrations.filter((migration) => migration.name < name)

/** A database as a version before this one left it. */
async function oldDatabase(): Promise<void> {
  const db = await openDatabase({ path, migrations: upTo('0004') })
  await db.write(async (tx) => {
    await sql`
      insert into people (person_id, given, family, role, user_handle, applications, patient)
      values ('maria', 'Maria', 'Example', 'nurse', 'h1', '[]', null),
             ('tom', 'Tom', 'Example', 'physician', 'h2', '[]', null)
    `.execute(tx)
    await sql`
      insert into badges (tag, key_version, person_id, status, assigned_at)
      values ('aa', 1, 'maria', 'active', 10), ('bb', 2, 'tom', 'revoked', 20),
             ('cc', 1, 'tom', 'conflicting', 30)
    `.execute(tx)
  })
  await db.close()
}

test('badges of an older database keep owner and state, each as a card of its own', async () => {
  await oldDatabase()
  const db = await openDatabase({ path })
  const rows = await db.read.selectFrom('badges').selectAll().orderBy('tag').execute()
  const common = { name: 'Badge', kind: 'permanent', technology: '', stock: 0, ends_at: null }
  const owned = (person: string) => ({ person_id: person, directory_person_id: person })
  expect(rows).toMatchObject([
    { tag: 'aa', key_version: 1, ...owned('maria'), status: 'active', assigned_at: 10, ...common },
    { tag: 'bb', key_version: 2, ...owned('tom'), status: 'detached', assigned_at: 20, ...common },
    { tag: 'cc', key_version: 1, ...owned('tom'), status: 'conflicting', ...common },
  ])
  const ids = rows.flatMap((row) => [row.badge_id, row.card_id])
  expect(new Set(ids).size).toBe(6)
  for (const row of rows) expect(row.last_seen_at).toBe(null)
  await db.close()
})

test('people of an older database have no roster, and nobody has a notice', async () => {
  await oldDatabase()
  const db = await openDatabase({ path })
  const people = await db.read.selectFrom('people').select(['person_id', 'roster']).execute()
  expect(people.map(({ roster }) => roster)).toEqual([null, null])
  expect(await db.read.selectFrom('notices').selectAll().execute()).toEqual([])
  expect(await db.read.selectFrom('badge_enrolments').selectAll().execute()).toEqual([])
  await db.close()
})

test('a badge still needs a person who exists', async () => {
  await oldDatabase()
  const db = await openDatabase({ path })
  const orphan = db.write((tx) =>
    tx.updateTable('badges').set({ person_id: 'nobody' }).where('tag', '=', 'aa').execute(),
  )
  await expect(orphan).rejects.toMatchObject({ kind: 'foreign-key' })
  await db.close()
})

test('the database is brought up to date once', async () => {
  await oldDatabase()
  for (let opening = 0; opening < 2; opening++) {
    const db = await openDatabase({ path })
    const { rows } = await sql<{ name: string }>`select name from migration`.execute(db.read)
    expect(rows.filter(({ name }) => name === '0004-badges')).toHaveLength(1)
    await db.close()
  }
})
