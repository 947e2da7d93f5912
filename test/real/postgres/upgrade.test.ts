import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { migrations } from '../../../main/store/migrations/index.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { atWork, fillOldHouse, oldSteps, whoIsAtWork } from '../../support/old-house.ts'
import { startStatementCutter, type StatementCutter } from '../../support/statement-cutter.ts'
import { newSchema } from './schema.ts'

/* An upgrade that loses its connection after every single statement, while people are at work. */

const undo: (() => Promise<unknown>)[] = []
let cutter: StatementCutter
beforeEach(async () => {
  const { hostname: host, port } = new URL(inject('postgres'))
  cutter = await startStatementCutter({ host, port: Number(port) })
  undo.push(() => cutter.dispose())
})
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

function place() {
  const made = newSchema(inject('postgres'))
  undo.push(() => made.drop())
  return made.session
}
type Place = ReturnType<typeof place>

/** Steps that were done, and all that they made, without what is different by name or moment. */
async function schemaOf({ connectionString, schema }: Place) {
  const client = new Client({ connectionString })
  await client.connect()
  const ask = async (text: string) => (await client.query(text, [schema])).rows
  try {
    // Until the server has noticed that whoever upgraded is gone.
    await ask(`select pg_advisory_lock(hashtextextended('migrate ' || $1, 0))`)
    const made = {
      columns: await ask(
        `select table_name, column_name, ordinal_position, data_type, is_nullable, is_identity,
          column_default from information_schema.columns where table_schema = $1 order by 1, 3`,
      ),
      indexes: await ask(
        `select tablename, indexdef from pg_indexes where schemaname = $1 order by 1, 2`,
      ),
      constraints: await ask(
        `select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as rule
          from pg_constraint where connamespace = to_regnamespace($1) order by 1, 2`,
      ),
      others: await ask(
        `select relname, relkind from pg_class
          where relnamespace = to_regnamespace($1) and relkind not in ('r', 'i') order by 1`,
      ),
      functions: await ask(
        `select proname, prosrc from pg_proc where pronamespace = to_regnamespace($1) order by 1`,
      ),
    }
    const begun = made.columns.some((row: object) => 'table_name' in row)
    const names = begun
      ? (await client.query<{ name: string }>(`select name from ${schema}.migration order by name`))
          .rows
      : []
    return {
      steps: names.map(({ name }) => name),
      begun,
      made: JSON.stringify(made, null, 1).replaceAll(schema, 'schema'),
    }
  } finally {
    await client.end()
  }
}

async function upTo(session: Place, steps: number): Promise<void> {
  const open = { ...session, migrations: migrations.slice(0, steps), poolSize: 1 }
  const db = await openPostgres(open)
  if (steps === oldSteps) await fillOldHouse(db)
  await db.close()
}

test('whatever statement is the last, the schema is whole, and who is at work stays at work', async () => {
  const straight = place()
  const expected: string[] = []
  for (let steps = 0; steps <= migrations.length; steps += 1) {
    await upTo(straight, steps)
    expected.push((await schemaOf(straight)).made)
  }

  const session = place()
  const through = new URL(session.connectionString)
  through.port = String(cutter.port)
  let cuts = 0
  for (let done = 0; done < migrations.length;) {
    if (done === oldSteps) await upTo(session, oldSteps)
    // One statement further each time, until a step has been committed.
    for (cutter.cutAfter = 1; ; cutter.cutAfter += 1) {
      cuts += 1
      const cut = openPostgres({ ...session, connectionString: through.href, poolSize: 1 })
      const error = await cut.then(
        () => null,
        (refused: unknown) => refused as { code?: string },
      )
      expect(['unreachable', 'unconfirmed']).toContain(error?.code)
      const { steps, begun, made } = await schemaOf(session)
      expect(steps).toEqual(migrations.slice(0, steps.length).map(({ name }) => name))
      expect(steps.length - done).toBeLessThanOrEqual(1)
      expect(made === expected[steps.length] || (!begun && steps.length === 0)).toBe(true)
      if (steps.length === done) continue
      done = steps.length
      break
    }
  }
  process.stdout.write(`cut ${cuts} times\n`)
  expect(cuts).toBeGreaterThan(10 * migrations.length)

  const [one, other] = [
    await openPostgres({ ...session, poolSize: 1 }),
    await openPostgres({ ...straight, poolSize: 1 }),
  ]
  undo.push(
    () => one.close(),
    () => other.close(),
  )
  expect((await schemaOf(session)).made).toEqual(expected.at(-1))
  const found = await atWork(one)
  expect(found.live.map((row) => row.session_id)).toEqual(whoIsAtWork)
  expect(found.overrides).toHaveLength(1)
  expect(found).toEqual(await atWork(other))
}, 300_000)
