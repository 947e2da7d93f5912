import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/** One live session for each person in the house; what each column means is in schema/roaming.ts. */
export const roaming: Migration = { name: '0007-roaming', up }

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema.alterTable('sessions').addColumn('continues', 'text').execute()
  await keepNewest(db)
  await schema.dropIndex('sessions_live').execute()
  // The rule itself, whatever the code above it does: one live session of a person, wherever it is.
  await sql`CREATE UNIQUE INDEX sessions_live ON sessions (person_id) WHERE ended_at IS NULL`.execute(
    db,
  )
  for (const column of ['workstation_id', 'last_activity_at', 'ends_at'])
    await sql`
      CREATE INDEX ${sql.ref(`sessions_live_${column}`)}
      ON sessions (${sql.ref(column)}) WHERE ended_at IS NULL
    `.execute(db)

  await schema
    .createTable('handovers')
    .addColumn('from_session_id', 'text', (c) => c.primaryKey().references('sessions.session_id'))
    .addColumn('to_session_id', 'text', (c) => c.notNull().references('sessions.session_id'))
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('from_workstation_id', 'text', (c) => c.notNull())
    .addColumn('from_workstation_name', 'text', (c) => c.notNull())
    .addColumn('to_workstation_id', 'text', (c) => c.notNull())
    .addColumn('to_workstation_name', 'text', (c) => c.notNull())
    .addColumn('moved_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('secured_at', 'bigint')
    .addColumn('cleared_at', 'bigint')
    .addColumn('unsecured_at', 'bigint')
    .execute()
  await sql`
    CREATE INDEX handovers_due ON handovers (due_at)
    WHERE secured_at IS NULL AND unsecured_at IS NULL
  `.execute(db)
  await sql`
    CREATE INDEX handovers_open ON handovers (from_workstation_id) WHERE secured_at IS NULL
  `.execute(db)

  await sql`CREATE INDEX notices_about ON notices (about) WHERE answered_at IS NULL`.execute(db)
  await schema.dropIndex('notices_once').execute()
  // As before, and for a seat that colleagues secured.
  await sql`
    CREATE UNIQUE INDEX notices_once ON notices (person_id, kind, about)
    WHERE answered_at IS NULL
      AND kind IN ('lost-badge-used', 'badge-claimed', 'badge-travelled', 'seat-secured')
  `.execute(db)
}

/**
 * Where a person had several live sessions, the newest stays; the others ended when it began, with
 * what hangs on them. Their tokens are dead with them: `live` is asked at every use.
 */
async function keepNewest(db: Kysely<unknown>): Promise<void> {
  await sql`
    UPDATE sessions SET
      end_reason = 'moved',
      ended_at = (
        SELECT MAX(newer.started_at) FROM sessions newer
        WHERE newer.person_id = sessions.person_id AND newer.ended_at IS NULL
      )
    WHERE ended_at IS NULL AND EXISTS (
      SELECT 1 FROM sessions newer
      WHERE newer.person_id = sessions.person_id AND newer.ended_at IS NULL AND (
        newer.started_at > sessions.started_at
        OR (newer.started_at = sessions.started_at AND newer.session_id > sessions.session_id)
      )
    )
  `.execute(db)
  const ended = sql`
    SELECT MAX(sessions.ended_at) FROM sessions
    WHERE sessions.session_id = ${sql.ref('hanging.session_id')} AND sessions.end_reason = 'moved'
  `
  for (const table of ['overrides', 'review_cases'])
    await sql`
      UPDATE ${sql.table(table)} AS hanging SET ended_at = (${ended})
      WHERE ended_at IS NULL AND (${ended}) IS NOT NULL
    `.execute(db)
}
