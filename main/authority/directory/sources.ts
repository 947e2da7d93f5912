import type { JsonObject, ResourceType } from './attributes.ts'
import { partsOf } from './rows.ts'

/** Resources of one type. Parts are read one by one, so that not all are held at once. */
export interface Source {
  readonly type: ResourceType
  count(): Promise<number>
  /** In the order of their creation. */
  page(offset: number, limit: number): Promise<readonly JsonObject[]>
  /** All, in the order of their creation. */
  scan(): AsyncIterable<readonly JsonObject[]>
  /** Those of these ids that are there. */
  among(ids: readonly string[]): AsyncIterable<readonly JsonObject[]>
  readonly finders: Finders
}

/**
 * What an index finds, by path, the most selective first: ids of all resources that have the value,
 * and maybe of others; `limit` of them at most.
 */
export type Finders = Readonly<
  Record<string, (value: string, limit: number) => Promise<readonly string[]>>
>

interface Query<Row> {
  execute(): Promise<Row[]>
}

/** A source as its table gives it. */
export interface Table<Row> extends Pick<Source, 'type' | 'finders'> {
  /** Rows in one part. */
  readonly part: number
  counted(): Query<{ readonly n: number | string | bigint }>
  /** In the order of their creation. */
  rows(limit: number): Query<Row> & { offset(rows: number): Query<Row> }
  /** Those that come after this one, in the same order. */
  rowsAfter(row: Row, limit: number): Query<Row>
  rowsOf(ids: readonly string[]): Query<Row>
  resources(rows: readonly Row[]): Promise<readonly JsonObject[]>
}

export function sourceOf<Row>(table: Table<Row>): Source {
  const { type, finders, part } = table
  return {
    type,
    finders,
    async count() {
      const [counted] = await table.counted().execute()
      return Number(counted?.n ?? 0)
    },
    page: async (offset, limit) =>
      table.resources(await table.rows(limit).offset(offset).execute()),
    async *scan() {
      let rows = await table.rows(part).execute()
      for (;;) {
        const last = rows.at(-1)
        if (last === undefined) return
        yield await table.resources(rows)
        if (rows.length < part) return
        rows = await table.rowsAfter(last, part).execute()
      }
    },
    async *among(ids) {
      for (const some of partsOf(ids, part))
        yield table.resources(await table.rowsOf(some).execute())
    },
  }
}
