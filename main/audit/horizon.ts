import { sql, type Kysely } from 'kysely'
import { engineOf } from '../store/engine.ts'
import type { Tx } from '../store/port.ts'
import type { Schema } from '../store/schema/index.ts'

/**
 * Which records are settled, so that none can appear before them any more. SQLite has one writer:
 * what is there is settled, in the order of the ids. PostgreSQL gives out ids before it commits, so
 * a cursor on the id would pass over rows that commit late: there, records are settled that were
 * written by transactions older than every one that still runs, in the order of those.
 */
export interface Waiting {
  readonly id: number
  readonly time: number
  readonly salt: Uint8Array
  readonly body: string
  /** Of the transaction, on PostgreSQL. */
  readonly xid: string
}

export interface Cursor {
  /** Last record in the tree. */
  readonly record: number
}

/** The oldest transaction that still runs, and the next one; equal when nothing is under way. */
export interface Horizon {
  readonly oldest: bigint
  readonly next: bigint
}

export async function horizonOf(db: Kysely<Schema>): Promise<Horizon> {
  if (engineOf(db) === 'sqlite') return { oldest: 0n, next: 0n }
  const { rows } = await sql<{ oldest: string; next: string }>`
    select pg_snapshot_xmin("now")::text as "oldest", pg_snapshot_xmax("now")::text as "next"
    from pg_current_snapshot() as "now"`.execute(db)
  const [row] = rows
  if (!row) throw new Error('PostgreSQL gave no snapshot.')
  return { oldest: BigInt(row.oldest), next: BigInt(row.next) }
}

/** The next settled records behind `cursor`, up to `limit`. */
export async function waitingRecords(
  tx: Tx,
  { record }: Cursor,
  { oldest }: Horizon,
  limit: number,
): Promise<readonly Waiting[]> {
  if (engineOf(tx) === 'sqlite') {
    const rows = await tx
      .selectFrom('auditRecord')
      .selectAll()
      .where('id', '>', record)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ ...row, xid: '0' }))
  }
  // Counted for each, by its index: `not exists` becomes a join with all leaves there are.
  const { rows } = await sql<Waiting>`
    select "id", "time", "salt", "body", "xid"::text as "xid" from "auditRecord" as "r"
    where ("xid", "id") > ((select "xid" from "auditTree" where "id" = 1), ${record}::bigint)
      and "xid" < ${String(oldest)}::xid8
      and (select count(*) from "auditLeaf" where "record" = "r"."id") = 0
    order by "r"."xid", "r"."id" limit ${limit}`.execute(tx)
  return rows
}

/** Moves the cursor behind `last`. */
export async function moveCursor(tx: Tx, last: Waiting): Promise<void> {
  if (engineOf(tx) === 'postgres')
    await sql`update "auditTree" set "xid" = ${last.xid}::xid8 where "id" = 1`.execute(tx)
}

const lockName = sql`hashtextextended('audit sequencer ' || current_schema(), 0)`

/**
 * Takes the right to extend the tree until the end of the transaction, so that two can never do so
 * at once; false: another node has it, which is waited for with `wait`. The transaction must be
 * `read-committed`, to see what that one did.
 */
export async function takeSequencerLock(tx: Tx, wait: boolean): Promise<boolean> {
  if (engineOf(tx) === 'sqlite') return true
  if (wait) {
    await sql`select pg_advisory_xact_lock(${lockName})`.execute(tx)
    return true
  }
  const { rows } = await sql<{
    mine: boolean
  }>`select pg_try_advisory_xact_lock(${lockName}) as "mine"`.execute(tx)
  return rows[0]?.mine === true
}

/**
 * A dump that was restored into another server brings ids of transactions that this one has still to
 * give out: what waits would never be settled, and what comes would lie behind the cursor. Then
 * everything that waits becomes this transaction's.
 */
export async function adoptRestored(tx: Tx): Promise<void> {
  if (engineOf(tx) === 'sqlite') return
  const { rows } = await sql<{ foreign: boolean }>`
    select greatest((select max("xid") from "auditRecord"), (select "xid" from "auditTree"))
      >= pg_snapshot_xmax(pg_current_snapshot()) as "foreign"`.execute(tx)
  if (rows[0]?.foreign !== true) return
  await sql`set local statement_timeout = '1h'`.execute(tx)
  await sql`
    update "auditRecord" as "r" set "xid" = pg_current_xact_id()
    where not exists (select from "auditLeaf" where "record" = "r"."id")`.execute(tx)
  await sql`update "auditTree" set "xid" = pg_current_xact_id(), "record" = 0`.execute(tx)
}
