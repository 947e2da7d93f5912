import { sql } from 'kysely'
import { randomPiece } from '../random.ts'
import { engineOf } from '../store/engine.ts'
import type { Tx } from '../store/port.ts'
import { prepare } from '../store/prepared.ts'
import { clockBack, clockTolerance } from './clock-back.ts'
import { auditInputSchema, type AuditInput } from './events.ts'
import { canonicalJson } from './canonical.ts'

/**
 * Writes one record in the caller's transaction. When the clock was set back since the last record,
 * a `clock.jumped` goes before it: the verifier accepts a step back there and nowhere else. One
 * statement, because every statement is a round trip. On PostgreSQL the sequencer puts the
 * `clock.jumped` in: to look at the last record here would set every write against every other.
 */
export async function appendRecord(tx: Tx, input: AuditInput, time: number): Promise<void> {
  const body = bodyOf(auditInputSchema.parse(input))
  if (engineOf(tx) === 'postgres') {
    await insert.run(tx, { time, salt: randomPiece(16), body })
    return
  }
  const [ownSalt, salt] = [randomPiece(16), randomPiece(16)]
  await insertInOrder.run(tx, { time, salt, body, ownSalt, latest: time + clockTolerance })
}

interface Row {
  readonly time: number
  readonly salt: Uint8Array
  readonly body: string
}

const insert = prepare<Row>()((db, place) =>
  db
    .insertInto('auditRecord')
    .values({ time: place('time'), salt: place('salt'), body: place('body') }),
)

interface RowInOrder extends Row {
  /** Of the `clock.jumped`. */
  readonly ownSalt: Uint8Array
  /** A last record behind this was written before the clock was set back. */
  readonly latest: number
}

const insertInOrder = prepare<RowInOrder>()((db, place) => ({
  compile: () =>
    sql<never>`
    insert into "auditRecord" ("time", "salt", "body")
    select "time", "salt", "body" from (
      select 0 as "place", ${place('time')} as "time", ${place('ownSalt')} as "salt",
        ${clockBack} as "body"
      where (select "time" from "auditRecord" order by "id" desc limit 1) > ${place('latest')}
      union all
      select 1, ${place('time')}, ${place('salt')}, ${place('body')}
    ) as "new" order by "place"`.compile(db),
}))

/** Half of a surrogate pair in someone's free text must not stop an emergency access. */
function bodyOf(input: AuditInput): string {
  try {
    return canonicalJson(input)
  } catch {
    return canonicalJson(wellFormed(input))
  }
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wellFormed(part)]))
}
