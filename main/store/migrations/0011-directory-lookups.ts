import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

/** What directories ask for by filter is found by an index; see schema/directory.ts. */
export const directoryLookups: Migration = { name: '0011-directory-lookups', up }

// A type: Kysely's `withTables` takes no interface.
type Tables = {
  directory_users: { user_id: string; document: string; deleted_at: number | null }
  directory_groups: { group_id: string; display_name: string; display_key: string }
  directory_emails: { user_id: string; value_key: string }
}

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('directory_emails')
    .addColumn('value_key', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('directory_users.user_id'))
    .addPrimaryKeyConstraint('directory_emails_key', ['value_key', 'user_id'])
    .execute()
  await schema
    .createIndex('directory_emails_user')
    .on('directory_emails')
    .column('user_id')
    .execute()
  await schema
    .alterTable('directory_groups')
    .addColumn('display_key', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  const tables = db.withTables<Tables>()
  await keyEmails(tables)
  await keyGroups(tables)
  const indexes = {
    directory_groups_display: ['display_key'],
    directory_groups_external: ['external_id'],
    directory_groups_order: ['created_at', 'group_id'],
  }
  for (const [name, columns] of Object.entries(indexes))
    await schema.createIndex(name).on('directory_groups').columns(columns).execute()
}

const atOnce = 500
/** As the code of this step's day compared them. */
const keyOf = (text: string) => text.normalize('NFC').toLowerCase().slice(0, 256).toWellFormed()

async function keyEmails(db: Kysely<Tables>): Promise<void> {
  let last = ''
  for (;;) {
    const users = await db
      .selectFrom('directory_users')
      .select(['user_id', 'document'])
      .where('user_id', '>', last)
      .where('deleted_at', 'is', null)
      .orderBy('user_id')
      .limit(atOnce)
      .execute()
    const rows = users.flatMap(({ user_id, document }) =>
      emailsIn(document).map((value_key) => ({ user_id, value_key })),
    )
    for (let at = 0; at < rows.length; at += atOnce)
      await db
        .insertInto('directory_emails')
        .values(rows.slice(at, at + atOnce))
        .execute()
    const end = users.at(-1)
    if (!end || users.length < atOnce) return
    last = end.user_id
  }
}

function emailsIn(document: string): readonly string[] {
  const { emails = [] } = JSON.parse(document) as { emails?: readonly { value?: string }[] }
  return [...new Set(emails.flatMap(({ value }) => (value ? [keyOf(value)] : [])))]
}

async function keyGroups(db: Kysely<Tables>): Promise<void> {
  const groups = await db
    .selectFrom('directory_groups')
    .select(['group_id', 'display_name'])
    .execute()
  for (const { group_id, display_name } of groups)
    await db
      .updateTable('directory_groups')
      .set({ display_key: keyOf(display_name) })
      .where('group_id', '=', group_id)
      .execute()
}
