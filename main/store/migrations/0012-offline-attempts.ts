import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

/** Failed attempts that workstations report of a time alone; see schema/offline.ts. */
export const offlineAttempts: Migration = { name: '0012-offline-attempts', up }

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('offline_attempts')
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('passkey_id', 'text', (c) => c.notNull().references('passkeys.passkey_id'))
    .addColumn('failed_attempts', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('offline_attempts_key', ['workstation_id', 'passkey_id'])
    .execute()
}
