import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

/** What the nodes of a service agree on; see schema/service.ts. */
export const service: Migration = { name: '0010-service', up }

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('house_policy')
    .addColumn('version', 'integer', (c) => c.primaryKey())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createTable('house_applications')
    .addColumn('application_id', 'text', (c) => c.primaryKey())
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
}
