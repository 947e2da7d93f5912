import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/** People from the hospital's directory, and the tokens of machines; see schema/directory.ts. */
export const directory: Migration = { name: '0008-directory', up }

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema.alterTable('people').addColumn('disabled_at', 'bigint').execute()

  await schema
    .createTable('directory_users')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('user_name_key', 'text', (c) => c.notNull())
    .addColumn('external_id', 'text')
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute()
  // The rules themselves, however many create at once: of those who are not deleted, each once.
  await sql`
    CREATE UNIQUE INDEX directory_users_name
    ON directory_users (user_name_key) WHERE deleted_at IS NULL
  `.execute(db)
  await sql`
    CREATE UNIQUE INDEX directory_users_external
    ON directory_users (external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL
  `.execute(db)
  await sql`
    CREATE UNIQUE INDEX directory_users_person
    ON directory_users (person_id) WHERE deleted_at IS NULL
  `.execute(db)
  await schema
    .createIndex('directory_users_before')
    .on('directory_users')
    .columns(['external_id', 'deleted_at'])
    .execute()
  await schema
    .createIndex('directory_users_order')
    .on('directory_users')
    .columns(['created_at', 'user_id'])
    .execute()

  await schema
    .createTable('directory_groups')
    .addColumn('group_id', 'text', (c) => c.primaryKey())
    .addColumn('external_id', 'text')
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()

  await schema
    .createTable('directory_members')
    .addColumn('group_id', 'text', (c) => c.notNull().references('directory_groups.group_id'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('directory_users.user_id'))
    .addPrimaryKeyConstraint('directory_members_key', ['group_id', 'user_id'])
    .execute()
  await schema
    .createIndex('directory_members_user')
    .on('directory_members')
    .column('user_id')
    .execute()

  await schema
    .createTable('directory_badges')
    .addColumn('user_id', 'text', (c) => c.notNull().references('directory_users.user_id'))
    .addColumn('tag', 'text', (c) => c.notNull())
    .addColumn('technology', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('directory_badges_key', ['user_id', 'tag'])
    .execute()

  await schema
    .createTable('service_tokens')
    .addColumn('token_id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute()
}
