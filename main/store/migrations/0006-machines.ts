import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

/** Workstations as machines; what each column means is in schema/machines.ts. */
export const machines: Migration = { name: '0006-machines', up }

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('workstations')
    .addColumn('workstation_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('place', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('disabled_at', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .execute()
  await schema
    .createIndex('workstations_disabled')
    .on('workstations')
    .column('disabled_at')
    .execute()

  await schema
    .createTable('workstation_keys')
    .addColumn('key_id', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) =>
      c.notNull().references('workstations.workstation_id'),
    )
    .addColumn('jwk', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('first_used_at', 'bigint')
    .addColumn('replaced_by', 'text')
    .addColumn('retires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('cloned_at', 'bigint')
    .execute()
  await schema
    .createIndex('workstation_keys_workstation')
    .on('workstation_keys')
    .column('workstation_id')
    .execute()
  await schema
    .createIndex('workstation_keys_revoked')
    .on('workstation_keys')
    .column('revoked_at')
    .execute()
  await schema
    .createIndex('workstation_keys_retired')
    .on('workstation_keys')
    .column('retires_at')
    .execute()

  await schema
    .createTable('workstation_enrolments')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) =>
      c.notNull().references('workstations.workstation_id'),
    )
    .addColumn('issued_at', 'bigint', (c) => c.notNull())
    .addColumn('issued_by', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('used_by', 'text')
    .execute()
  await schema
    .createIndex('workstation_enrolments_workstation')
    .on('workstation_enrolments')
    .column('workstation_id')
    .execute()

  await schema
    .createTable('machine_tokens')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('machine_tokens_workstation')
    .on('machine_tokens')
    .column('workstation_id')
    .execute()
  await schema
    .createIndex('machine_tokens_expiry')
    .on('machine_tokens')
    .column('expires_at')
    .execute()

  await schema
    .createTable('used_proofs')
    .addColumn('proof_hash', 'text', (c) => c.primaryKey())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await schema.createIndex('used_proofs_expiry').on('used_proofs').column('expires_at').execute()

  await schema
    .createTable('workstation_connections')
    .addColumn('connection_id', 'text', (c) => c.primaryKey())
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('instance', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('superseded_at', 'bigint')
    .execute()
  await schema
    .createIndex('workstation_connections_workstation')
    .on('workstation_connections')
    .column('workstation_id')
    .execute()
  await schema
    .createIndex('workstation_connections_node')
    .on('workstation_connections')
    .columns(['node_id', 'superseded_at'])
    .execute()
}
