import { Pool } from 'pg'
import type { Moments } from './committed-moments.ts'

/** Questions to the tables of a house, beside its nodes. */
export function openQuery({
  connectionString,
  schema,
}: {
  readonly connectionString: string
  readonly schema: string
}): Pick<Moments, 'query' | 'close'> {
  const pool = new Pool({ connectionString, max: 2, options: `-c search_path=${schema}` })
  return {
    query: async (text, values) =>
      (await pool.query<Record<string, unknown>>(text, [...(values ?? [])])).rows,
    close: () => pool.end(),
  }
}

/** Details of the records of one event whose detail, or the record itself, has these values. */
export async function recorded(
  query: Moments['query'],
  event: string,
  where: Readonly<Record<string, string>> = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows = await query(
    `select body from "auditRecord" where body::json->>'event' = $1 order by id`,
    [event],
  )
  const records = rows.map(
    ({ body }) => JSON.parse(String(body)) as { readonly detail?: Record<string, unknown> },
  )
  return records
    .map((record): Record<string, unknown> => ({ ...record, ...record.detail }))
    .filter((record) => Object.entries(where).every(([key, value]) => record[key] === value))
}
