import { sql, type Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const audit: Migration = {
  name: '0001-audit',
  async up(db, types) {
    const integer = sql.raw(types.integer)
    const blob = sql.raw(types.blob)
    await sql`create table "auditRecord" (
      "id" ${types.ownId},
      "time" ${integer} not null,
      "salt" ${blob} not null,
      "body" text not null
    )`.execute(db)
    await sql`create table "auditLeaf" (
      "seq" ${integer} primary key,
      "record" ${integer} not null unique references "auditRecord" ("id"),
      "hash" ${blob} not null
    )`.execute(db)
    await sql`create table "auditTree" (
      "id" ${integer} primary key check ("id" = 1),
      "key" text not null,
      "size" ${integer} not null,
      "record" ${integer} not null,
      "frontier" ${blob} not null
    )`.execute(db)
    await sql`create table "auditCheckpoint" (
      "size" ${integer} primary key,
      "note" text not null
    )`.execute(db)
    if (types.engine === 'postgres') await addTransactionIds(db)
  },
}

/**
 * Where many write at once, ids are not in the order of the commits, and a row may appear behind
 * one that was read already. The id of its transaction tells what is settled (main/audit/horizon.ts).
 */
async function addTransactionIds(db: Kysely<unknown>): Promise<void> {
  await sql`alter table "auditRecord"
    add column "xid" xid8 not null default pg_current_xact_id()`.execute(db)
  await sql`create index "auditRecord_xid" on "auditRecord" ("xid", "id")`.execute(db)
  await sql`alter table "auditTree" add column "xid" xid8 not null default '0'`.execute(db)
}
