import type { RowsExpected } from '../direct-executor.ts'
import type { Answer, Row } from './statement.ts'

/** A statement of which at most one row matters. */
interface Part {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly rows: Exclude<RowsExpected, 'many'>
}

interface Entry extends Part {
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: unknown) => void
}

type Send = (
  sql: string,
  parameters: readonly unknown[],
  how?: { readonly inParts: true },
) => Promise<Answer>

/**
 * Makes one statement of those that are asked for in one turn, which therefore depend on nothing of
 * each other: all see the database as it was before the first, and none what another changes. What
 * is asked twice is asked in order.
 * For the server and for `pg` a statement costs more than what most of them do.
 */
export class Together {
  readonly #send: Send
  #waiting: Entry[] = []

  constructor(send: Send) {
    this.#send = send
  }

  ask(part: Part): Promise<readonly Row[]> {
    // The server may carry out the parts of a statement in any order: records would change places.
    if (this.#waiting.some(({ sql }) => sql === part.sql)) this.flush()
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.flush())
      this.#waiting.push({ ...part, resolve, reject })
    })
  }

  /** Sends what waits, before something that must follow it. */
  flush(): void {
    const entries = this.#waiting
    if (entries.length === 0) return
    this.#waiting = []
    const [only, second] = entries
    if (only && !second) {
      this.#send(only.sql, only.parameters).then(({ rows }) => only.resolve(rows), only.reject)
      return
    }
    const parameters = entries.flatMap((entry) => entry.parameters)
    this.#send(combined(entries), parameters, { inParts: true }).then(
      ({ rows: [row] }) => {
        let place = 0
        for (const { rows, resolve } of entries) {
          const found = rows === 'none' ? null : (row?.[place++] as Row | null)
          resolve(found ? [found] : [])
        }
      },
      (error: unknown) => {
        for (const { reject } of entries) reject(error)
      },
    )
  }
}

const ids = new Map<string, number>()
const texts = new Map<string, string>()

/** Made once for each combination; there are as many as places that ask several things at a time. */
function combined(parts: readonly Part[]): string {
  let key = ''
  for (const { sql, rows } of parts) {
    let id = ids.get(sql)
    if (id === undefined) ids.set(sql, (id = ids.size))
    key += `${id}${rows === 'none' ? '' : '?'} `
  }
  let text = texts.get(key)
  if (text === undefined) texts.set(key, (text = combine(parts)))
  return text
}

/**
 * `with` each that changes something, and a `select` of one row, in which the columns of each part
 * that returns one follow a column `#`: null when there was none.
 */
export function combine(parts: readonly Part[]): string {
  const changes: string[] = []
  const tables: string[] = ['(select) as "one"']
  const columns: string[] = []
  let before = 0
  for (const [at, { sql, parameters, rows }] of parts.entries()) {
    const from = before
    const numbered = sql.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + from}`)
    before += parameters.length
    const isChange = !/^select\b/i.test(sql)
    if (isChange) changes.push(`"q${at}" as (${numbered})`)
    if (rows === 'none') continue
    const source = isChange ? `"q${at}"` : `(${numbered})`
    tables.push(`left join (select true as "#", "x".* from ${source} as "x") as "r${at}" on true`)
    columns.push(`"r${at}".*`)
  }
  const opening = changes.length === 0 ? '' : `with ${changes.join(', ')} `
  return `${opening}select ${columns.join(', ')} from ${tables.join(' ')}`
}
