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

/** A source as its table gives it. */
export interface Table<Row> extends Pick<Source, 'type' | 'count' | 'finders'> {
  /** Rows in one part. */
  readonly part: number
  /** In the order of their creation; `after` a row or an offset. */
  rows(from: { readonly after: Row } | { readonly offset: number }, limit: number): Promise<Row[]>
  rowsOf(ids: readonly string[]): Promise<Row[]>
  resources(rows: readonly Row[]): Promise<readonly JsonObject[]>
}

export function sourceOf<Row>(table: Table<Row>): Source {
  const { type, count, finders, part } = table
  return {
    type,
    count,
    finders,
    page: async (offset, limit) => table.resources(await table.rows({ offset }, limit)),
    async *scan() {
      let rows = await table.rows({ offset: 0 }, part)
      for (;;) {
        const after = rows.at(-1)
        if (after === undefined) return
        yield await table.resources(rows)
        if (rows.length < part) return
        rows = await table.rows({ after }, part)
      }
    },
    async *among(ids) {
      for (const some of partsOf(ids, part)) yield table.resources(await table.rowsOf(some))
    },
  }
}
