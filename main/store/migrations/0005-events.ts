import { type Kysely, sql } from 'kysely'
import type { ColumnTypes } from '../column-types.ts'
import type { Migration } from '../migrate.ts'

/** What agents are told, until they have heard it (main/store/schema/events.ts). */
export const events: Migration = { name: '0005-events', up }

async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { schema } = db
  await schema
    .createTable('agent_channels')
    .addColumn('workstation_id', 'text', (c) => c.primaryKey())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createTable('agent_events')
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('agent_events_pk', ['workstation_id', 'seq'])
    .execute()
  if (types.engine !== 'postgres') return
  // By which other nodes find what was committed, in whatever order that was.
  await sql`alter table agent_events
    add column xid xid8 not null default pg_current_xact_id()`.execute(db)
  await sql`create index agent_events_xid on agent_events (xid)`.execute(db)
}
