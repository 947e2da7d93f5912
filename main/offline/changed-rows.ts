import { type Kysely, sql } from 'kysely'
import { type JournalRow, journalRows, type JournalTable } from '../authority/protocol/index.ts'
import type { MemoryDatabase } from '../store/memory-database.ts'
import type { Tx } from '../store/port.ts'
import type { Schema } from '../store/schema/index.ts'

const keys = {
  sessions: 'session_id',
  passkeys: 'passkey_id',
  review_cases: 'case_id',
  overrides: 'override_id',
} as const satisfies Record<JournalTable, string>
const tables = Object.keys(keys) as JournalTable[]

export type ChangedRows = { readonly [T in JournalTable]: JournalRow<T>[] }

/**
 * From now on the database remembers which rows change, whoever changes them; a change that is rolled
 * back is forgotten with it.
 */
export function watchRows({ execute }: Pick<MemoryDatabase, 'execute'>): void {
  execute(
    'create table "journal_changed" ("table" text, "key" text, primary key ("table", "key")) without rowid',
  )
  for (const table of tables)
    for (const how of ['insert', 'update'])
      execute(
        `create trigger "journal_${table}_${how}" after ${how} on "${table}" begin
           insert or ignore into "journal_changed" values ('${table}', new."${keys[table]}");
         end`,
      )
}

/** Rows that were there from the beginning are nobody's news. */
export const forgetRows = ({ execute }: Pick<MemoryDatabase, 'execute'>): void =>
  execute('delete from "journal_changed"')

/** The rows that changed since the last time, as they are now. */
export async function takeChangedRows(tx: Tx): Promise<ChangedRows> {
  const { rows: changed } = await sql<{
    table: JournalTable
    key: string
  }>`select "table", "key" from "journal_changed"`.execute(tx)
  await sql`delete from "journal_changed"`.execute(tx)
  const of = async <T extends JournalTable>(table: T): Promise<JournalRow<T>[]> => {
    const ids = changed.flatMap((one) => (one.table === table ? [one.key] : []))
    if (ids.length === 0) return []
    const schema = journalRows[table]
    const { rows } = await sql<Record<string, unknown>>`
      select ${sql.join(Object.keys(schema.shape).map((name) => sql.ref(name)))}
      from ${sql.table(table)} where ${sql.ref(keys[table])} in (${sql.join(ids)})
    `.execute(tx)
    return rows.map((row) => schema.parse(row) as JournalRow<T>)
  }
  return {
    sessions: await of('sessions'),
    passkeys: await of('passkeys'),
    review_cases: await of('review_cases'),
    overrides: await of('overrides'),
  }
}

/** Puts a row of a journal back; a person or a passkey that is not known any more is passed over. */
export async function putRow<T extends JournalTable>(
  db: Kysely<Schema>,
  table: T,
  row: JournalRow<T>,
  rest: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const values = { ...row, ...rest }
  const columns = Object.keys(values)
  const set = sql.join(
    columns.map((name) => sql`${sql.ref(name)} = ${values[name as keyof typeof values]}`),
  )
  const key = keys[table]
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set ${set}
    where ${sql.ref(key)} = ${(row as Record<string, unknown>)[key]}
  `.execute(db)
  if (Number(numAffectedRows ?? 0) > 0 || table === 'passkeys') return
  const known = await db
    .selectFrom('people')
    .select('person_id')
    .where('person_id', '=', (row as { readonly person_id?: string }).person_id ?? '')
    .executeTakeFirst()
  if (!known) return
  await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
    values (${sql.join(Object.values(values))})
  `.execute(db)
}
