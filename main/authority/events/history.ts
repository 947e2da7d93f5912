import { sql } from 'kysely'
import type { Database } from '../../store/port.ts'

/**
 * Names the history of commits that PostgreSQL goes on with: a standby that was promoted, or a server
 * that was restored to a point in time, begins a new one, which may lack the end of the old one.
 * Null where the server does not say.
 */
export async function historyOf({ read }: Pick<Database, 'read'>): Promise<string | null> {
  try {
    // The first eight digits of a WAL file's name are its timeline.
    const { rows } = await sql<{ history: string }>`
      select (select system_identifier from pg_control_system())::text || '/' ||
        left(pg_walfile_name(pg_current_wal_lsn()), 8) as history
    `.execute(read)
    return rows[0]?.history ?? null
  } catch {
    return null
  }
}
