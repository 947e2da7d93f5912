import type { Kysely } from 'kysely'

/** Artefacts of the OpenID provider and one-time launch handles (main/store/schema/oauth.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oauth_record')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('session_id', 'text')
    .addColumn('grant_id', 'text')
    .addColumn('uid', 'text')
    .addColumn('consumed_at', 'bigint')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('oauth_record_pk', ['model', 'id'])
    .execute()
  for (const column of ['session_id', 'grant_id', 'uid', 'expires_at'])
    await db.schema
      .createIndex(`oauth_record_${column}`)
      .on('oauth_record')
      .column(column)
      .execute()

  await db.schema
    .createTable('oauth_launch')
    .addColumn('handle_hash', 'text', (column) => column.primaryKey())
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('workstation', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('opened_at', 'bigint')
    .addColumn('launch_hash', 'text', (column) => column.unique())
    .addColumn('partition_hash', 'text')
    .addColumn('used_at', 'bigint')
    .execute()
  for (const column of ['session_id', 'expires_at'])
    await db.schema
      .createIndex(`oauth_launch_${column}`)
      .on('oauth_launch')
      .column(column)
      .execute()
}
