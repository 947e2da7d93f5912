import { sql } from 'kysely'
import type { Database } from '../../store/port.ts'
import type { SeenEvent } from './event.ts'

interface Row {
  readonly horizon: string
  readonly workstation_id: string | null
  readonly seq: number | null
  readonly body: string | null
  readonly at: number | null
}

/**
 * Reads what was committed since the last reading, on PostgreSQL. Transactions commit in another
 * order than they begin, so no number of a row can say where to go on. The snapshot can: below its
 * horizon everything is decided. What was written above it is read again until it is below, so a
 * row may come more than once, and none is left out. The first reading only finds the horizon, and so
 * does the first after `forget`: for another server, or one that crashed, numbers begin lower.
 */
export function createHorizonReader({ read }: Pick<Database, 'read'>): {
  next(): Promise<readonly SeenEvent[]>
  forget(): void
} {
  let horizon: string | null = null

  async function find(): Promise<string> {
    const { rows } = await sql<{ horizon: string }>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as horizon
    `.execute(read)
    if (!rows[0]) throw new Error('PostgreSQL gave no snapshot.')
    return rows[0].horizon
  }

  return {
    forget() {
      horizon = null
    },
    async next() {
      if (horizon === null) {
        horizon = await find()
        return []
      }
      // Rows from a backup of another server may bear numbers that this one has not reached.
      const { rows } = await sql<Row>`
        with seen as materialized (select pg_current_snapshot() as snapshot)
        select pg_snapshot_xmin(snapshot)::text as horizon, workstation_id, seq, body, at
        from seen left join agent_events
          on xid >= ${horizon}::xid8 and xid < pg_snapshot_xmax(snapshot)
        order by workstation_id, seq
      `.execute(read)
      if (rows[0]) horizon = rows[0].horizon
      return rows.flatMap(({ workstation_id, seq, body, at }) =>
        workstation_id === null || seq === null || body === null || at === null
          ? []
          : [{ workstation: workstation_id, seq, body, at }],
      )
    },
  }
}
