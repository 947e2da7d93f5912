import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/**
 * Of connections nearly all are not superseded, and PostgreSQL, before it has looked, believes that
 * few are: an index that leads there was read whole, the entire house, for each agent that came back.
 * Now one leads to a node's superseded ones only, and that a workstation has one connection is said.
 */
export const connectionLookups: Migration = { name: '0014-connection-lookups', up }

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  // The newest one is it.
  await sql`
    UPDATE workstation_connections SET superseded_at = opened_at
    WHERE superseded_at IS NULL AND EXISTS (
      SELECT 1 FROM workstation_connections newer
      WHERE newer.workstation_id = workstation_connections.workstation_id
        AND newer.superseded_at IS NULL
        AND (newer.opened_at > workstation_connections.opened_at
          OR newer.opened_at = workstation_connections.opened_at
            AND newer.connection_id > workstation_connections.connection_id)
    )
  `.execute(db)
  await schema.dropIndex('workstation_connections_workstation').execute()
  await sql`
    CREATE UNIQUE INDEX workstation_connections_live ON workstation_connections (workstation_id)
    WHERE superseded_at IS NULL
  `.execute(db)
  await schema.dropIndex('workstation_connections_node').execute()
  await sql`
    CREATE INDEX workstation_connections_superseded ON workstation_connections (node_id)
    WHERE superseded_at IS NOT NULL
  `.execute(db)
}
