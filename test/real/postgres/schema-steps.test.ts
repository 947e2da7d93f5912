import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { sql } from 'kysely'
import type { Migration } from '../../../main/store/migrate.ts'
import { migrations } from '../../../main/store/migrations/index.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { newSchema } from './schema.ts'

let place: ReturnType<typeof newSchema>
beforeEach(() => {
  place = newSchema(inject('postgres'))
})
afterEach(() => place.drop())

const names = migrations.map(({ name }) => name)
async function stepsOf(db: Awaited<ReturnType<typeof openPostgres>>) {
  const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(
    db.read,
  )
  return rows.map(({ name }) => name)
}

test('four nodes that start together bring the schema up to date once', async () => {
  const nodes = await Promise.all(
    Array.from({ length: 4 }, () => openPostgres({ ...place.session, poolSize: 2 })),
  )
  for (const db of nodes) {
    expect(await stepsOf(db)).toEqual(names)
    await db.close()
  }
})

/** Loses its connection in the step, before or after what it does, as when its process dies. */
const dying = (at: number, when: 'before' | 'after'): Migration[] =>
  migrations.map((step, n) => ({
    name: step.name,
    async up(db, types) {
      const die = () => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
      if (n === at && when === 'before') await die()
      await step.up(db, types)
      if (n === at) await die()
    },
  }))

test.each(
  migrations.flatMap((_, at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const]),
)('a node that dies $when step $at leaves it to another', async ({ at, when }) => {
  const died = openPostgres({ ...place.session, migrations: dying(at, when), poolSize: 1 })
  await expect(died).rejects.toMatchObject({ code: 'unreachable' })
  const db = await openPostgres({ ...place.session, poolSize: 1 })
  expect(await stepsOf(db)).toEqual(names)
  await db.close()
})

test('a database of a later version is refused', async () => {
  const later = [...migrations, { name: '9999-later', up: () => Promise.resolve() }]
  const db = await openPostgres({ ...place.session, migrations: later, poolSize: 1 })
  await db.close()
  await expect(openPostgres(place.session)).rejects.toMatchObject({ code: 'newer' })
})
