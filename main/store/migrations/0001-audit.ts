import { sql } from 'kysely'
import type { Migration } from '../migrate.ts'

export const audit: Migration = {
  name: '0001-audit',
  async up(db) {
    await sql`create table "auditRecord" (
      "id" integer primary key,
      "time" integer not null,
      "salt" blob not null,
      "body" text not null
    )`.execute(db)
    await sql`create table "auditLeaf" (
      "seq" integer primary key,
      "record" integer not null unique references "auditRecord" ("id"),
      "hash" blob not null
    )`.execute(db)
    await sql`create table "auditTree" (
      "id" integer primary key check ("id" = 1),
      "key" text not null,
      "size" integer not null,
      "record" integer not null,
      "frontier" blob not null
    )`.execute(db)
    await sql`create table "auditCheckpoint" (
      "size" integer primary key,
      "note" text not null
    )`.execute(db)
  },
}
