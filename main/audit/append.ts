import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { engineOf } from '../store/engine.ts'
import type { Tx } from '../store/port.ts'
import { clockBack, clockTolerance } from './clock-back.ts'
import { auditInputSchema, type AuditInput } from './events.ts'
import { canonicalJson } from './record.ts'

/**
 * Writes one record in the caller's transaction. When the clock was set back since the last record,
 * a `clock.jumped` goes before it: the verifier accepts a step back there and nowhere else. One
 * statement, because every statement is a round trip. On PostgreSQL the sequencer puts the
 * `clock.jumped` in: to look at the last record here would set every write against every other.
 */
export async function appendRecord(tx: Tx, input: AuditInput, time: number): Promise<void> {
  const body = canonicalJson(wellFormed(auditInputSchema.parse(input)))
  if (engineOf(tx) === 'postgres') {
    await tx
      .insertInto('auditRecord')
      .values({ time, salt: randomBytes(16), body })
      .execute()
    return
  }
  const salts = randomBytes(32)
  await sql`
    insert into "auditRecord" ("time", "salt", "body")
    select "time", "salt", "body" from (
      select 0 as "place", ${time} as "time", ${salts.subarray(0, 16)} as "salt",
        ${clockBack} as "body"
      where (select "time" from "auditRecord" order by "id" desc limit 1) > ${time + clockTolerance}
      union all
      select 1, ${time}, ${salts.subarray(16)}, ${body}
    ) as "new" order by "place"`.execute(tx)
}

/** Half of a surrogate pair in someone's free text must not stop an emergency access. */
const wellFormed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed() : part,
  )
