import { type Kysely, sql } from 'kysely'
import type { ColumnTypes } from '../column-types.ts'
import type { Migration } from '../migrate.ts'

/** Tables of main/authority, besides oauth; what each column means is in schema/authority.ts. */
export const authority: Migration = { name: '0002-authority', up }

async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { schema } = db

  await schema
    .createTable('people')
    .addColumn('person_id', 'text', (c) => c.primaryKey())
    .addColumn('given', 'text', (c) => c.notNull())
    .addColumn('family', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('user_handle', 'text', (c) => c.notNull().unique())
    .addColumn('applications', 'text', (c) => c.notNull())
    .addColumn('patient', 'text')
    .execute()

  await schema
    .createTable('badges')
    .addColumn('tag', 'text', (c) => c.primaryKey())
    .addColumn('key_version', 'integer', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('assigned_at', 'bigint', (c) => c.notNull())
    .execute()

  await schema
    .createTable('taps')
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('tap_id', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addPrimaryKeyConstraint('taps_key', ['workstation_id', 'tap_id'])
    .execute()
  await schema.createIndex('taps_expiry').on('taps').column('expires_at').execute()

  await schema
    .createTable('ceremonies')
    .addColumn('ceremony_id', 'text', (c) => c.primaryKey())
    .addColumn('challenge', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text')
    .addColumn('tap_id', 'text')
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await schema.createIndex('ceremonies_expiry').on('ceremonies').column('expires_at').execute()

  await schema
    .createTable('passkeys')
    .addColumn('passkey_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('public_key', types.blob, (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('transports', 'text', (c) => c.notNull())
    .addColumn('backup_eligible', 'integer', (c) => c.notNull())
    .addColumn('backed_up', 'integer', (c) => c.notNull())
    .addColumn('aaguid', 'text', (c) => c.notNull())
    .addColumn('failed_attempts', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute()
  await schema.createIndex('passkeys_person').on('passkeys').column('person_id').execute()

  await schema
    .createTable('enrolment_codes')
    .addColumn('code_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()

  await schema
    .createTable('enrolments')
    .addColumn('enrolment_id', 'text', (c) => c.primaryKey())
    .addColumn('challenge', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('code_hash', 'text')
    .addColumn('session_id', 'text')
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await schema.createIndex('enrolments_expiry').on('enrolments').column('expires_at').execute()

  await schema
    .createTable('enrolment_failures')
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('enrolment_failures_time')
    .on('enrolment_failures')
    .columns(['workstation_id', 'at'])
    .execute()

  await schema
    .createTable('sessions')
    .addColumn('session_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('workstation_name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('aal', 'integer', (c) => c.notNull())
    .addColumn('amr', 'text', (c) => c.notNull())
    .addColumn('verified_at', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('last_activity_at', 'bigint', (c) => c.notNull())
    .addColumn('shielded_at', 'bigint')
    .addColumn('applications', 'text', (c) => c.notNull())
    .addColumn('patient', 'text')
    .addColumn('witness_id', 'text')
    .addColumn('ended_at', 'bigint')
    .addColumn('end_reason', 'text')
    .addColumn('cleared_at', 'bigint')
    .execute()
  // The rule itself, whatever the code above it does: one live session of a kind, person and seat.
  await sql`
    CREATE UNIQUE INDEX sessions_live
    ON sessions (person_id, workstation_id, kind) WHERE ended_at IS NULL
  `.execute(db)

  await schema
    .createTable('fallback_requests')
    .addColumn('request_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('requested_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .execute()

  await schema
    .createTable('overrides')
    .addColumn('override_id', 'text', (c) => c.primaryKey())
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.session_id'))
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('patient', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute()
  await sql`
    CREATE UNIQUE INDEX overrides_live ON overrides (session_id) WHERE ended_at IS NULL
  `.execute(db)

  await schema
    .createTable('review_cases')
    .addColumn('case_id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('witness_id', 'text')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.session_id'))
    .addColumn('workstation_name', 'text', (c) => c.notNull())
    .addColumn('patient', 'text')
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('escalates_at', 'bigint', (c) => c.notNull())
    .addColumn('verdict', 'text')
    .addColumn('verdict_note', 'text')
    .addColumn('reviewer_id', 'text')
    .addColumn('decided_at', 'bigint')
    .execute()
  await schema
    .createIndex('review_cases_person')
    .on('review_cases')
    .columns(['person_id', 'started_at'])
    .execute()
}
