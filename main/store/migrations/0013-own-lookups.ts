import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/**
 * Each index of what is open serves its own question only. PostgreSQL may keep a plan from an hour in
 * which little was open: then all of them were as cheap, and it read the whole of another column's,
 * however many came later. A comparison implies that its column is not null; no other question does.
 */
export const ownLookups: Migration = { name: '0013-own-lookups', up }

const indexes = [
  ['sessions_live', 'sessions', 'person_id', 'ended_at IS NULL'],
  ['sessions_live_workstation_id', 'sessions', 'workstation_id', 'ended_at IS NULL'],
  ['sessions_live_last_activity_at', 'sessions', 'last_activity_at', 'ended_at IS NULL'],
  ['sessions_live_ends_at', 'sessions', 'ends_at', 'ended_at IS NULL'],
  ['handovers_due', 'handovers', 'due_at', 'secured_at IS NULL AND unsecured_at IS NULL'],
  ['handovers_open', 'handovers', 'from_workstation_id', 'secured_at IS NULL'],
  ['notices_about', 'notices', 'about', 'answered_at IS NULL'],
  ['directory_users_name', 'directory_users', 'user_name_key', 'deleted_at IS NULL'],
  ['directory_users_person', 'directory_users', 'person_id', 'deleted_at IS NULL'],
] as const
const unique = new Set<string>(['sessions_live', 'directory_users_name', 'directory_users_person'])

async function up(db: Kysely<unknown>): Promise<void> {
  for (const [name, table, column, open] of indexes) {
    await db.schema.dropIndex(name).execute()
    await sql`
      CREATE ${sql.raw(unique.has(name) ? 'UNIQUE INDEX' : 'INDEX')} ${sql.ref(name)}
      ON ${sql.table(table)} (${sql.ref(column)})
      WHERE ${sql.raw(open)} AND ${sql.ref(column)} IS NOT NULL
    `.execute(db)
  }
}
