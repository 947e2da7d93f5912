import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Tx } from '../store/port.ts'
import { auditInputSchema, type AuditInput } from './events.ts'
import { canonicalJson } from './record.ts'

/** How far the clock may step back between two records without being recorded itself, in ms. */
export const clockTolerance = 5000

const clockBack = canonicalJson(
  auditInputSchema.parse({
    event: 'clock.jumped',
    outcome: 4,
    actor: null,
    workstation: null,
    session: null,
    patient: null,
    assurance: null,
    purposeOfUse: null,
    detail: { direction: 'back' },
  } satisfies AuditInput),
)

/**
 * Writes one record in the caller's transaction. When the clock was set back since the last record,
 * a `clock.jumped` goes before it: the verifier accepts a step back there and nowhere else. One
 * statement, because every statement is a round trip.
 */
export async function appendRecord(tx: Tx, input: AuditInput, time: number): Promise<void> {
  const body = canonicalJson(wellFormed(auditInputSchema.parse(input)))
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
