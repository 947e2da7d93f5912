import type { Row } from './worker-client.ts'
import type { SqlValue } from './worker-protocol.ts'

/** Statements that a database thread keeps prepared. */
const most = 500

/**
 * Short names for statements, so that neither their text nor the names of their columns go over to
 * the database's thread and back each time.
 */
export class StatementNumbers {
  readonly #ids = new Map<string, number>()
  readonly #columns: (readonly string[])[] = []

  /** `isNew`: the thread must be told the text. The number that was given out first is used again. */
  of(sql: string): { readonly id: number; readonly isNew: boolean } {
    const known = this.#ids.get(sql)
    if (known !== undefined) return { id: known, isNew: false }
    let id = this.#ids.size
    if (id >= most) {
      const [oldest] = this.#ids
      if (oldest) {
        this.#ids.delete(oldest[0])
        id = oldest[1]
      }
    }
    this.#ids.set(sql, id)
    return { id, isNew: true }
  }

  /** The rows of an answer, each value by the name of its column. */
  name(
    id: number,
    rows: readonly (readonly SqlValue[])[],
    told: readonly string[] | undefined,
  ): readonly Row[] {
    if (told) this.#columns[id] = told
    if (rows.length === 0) return []
    const columns = this.#columns[id] ?? []
    return rows.map((values) => {
      const row: Row = {}
      for (let at = 0; at < columns.length; at += 1)
        row[columns[at] as string] = values[at] as SqlValue
      return row
    })
  }
}
