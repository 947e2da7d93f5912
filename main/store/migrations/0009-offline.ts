import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

/** Times without the authority; what each column means is in schema/offline.ts. */
export const offline: Migration = { name: '0009-offline', up }

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('seen_here')
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('tag', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('device_tag', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('seen_here_key', ['workstation_id', 'tag'])
    .execute()
  await schema
    .createIndex('seen_here_time')
    .on('seen_here')
    .columns(['workstation_id', 'at'])
    .execute()

  await schema
    .createTable('offline_bundles')
    .addColumn('bundle_id', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('issued_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('offline_bundles_time')
    .on('offline_bundles')
    .columns(['workstation_id', 'issued_at'])
    .execute()

  await schema
    .createTable('offline_journals')
    .addColumn('journal_id', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('begun_at', 'bigint', (c) => c.notNull())
    .addColumn('entries', 'integer', (c) => c.notNull())
    .addColumn('head', 'text', (c) => c.notNull())
    .addColumn('fault', 'text')
    .addColumn('settled_at', 'bigint')
    .execute()

  await schema
    .createTable('offline_entries')
    .addColumn('journal_id', 'text', (c) => c.notNull().references('offline_journals.journal_id'))
    .addColumn('idx', 'integer', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('offline_entries_key', ['journal_id', 'idx'])
    .execute()

  await schema
    .createTable('offline_sessions')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.session_id'))
    .addColumn('journal_id', 'text', (c) => c.notNull().references('offline_journals.journal_id'))
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('begun', 'integer', (c) => c.notNull())
    .addColumn('bundle_id', 'text', (c) => c.notNull())
    .addColumn('claimed_at', 'bigint', (c) => c.notNull())
    .addColumn('proven_at', 'bigint')
    .addColumn('proven_passkey_id', 'text')
    .addColumn('doubt', 'text')
    .addColumn('ended_reason', 'text')
    .addColumn('outcome', 'text')
    .addColumn('reason', 'text')
    .addPrimaryKeyConstraint('offline_sessions_key', ['session_id', 'journal_id'])
    .execute()
  await schema
    .createIndex('offline_sessions_journal')
    .on('offline_sessions')
    .column('journal_id')
    .execute()
}
