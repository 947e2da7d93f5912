import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/** Badges that people add themselves, loaners, notices; what each column means is in schema/authority.ts. */
export const badges: Migration = { name: '0004-badges', up }

/** As 0002 left them. A type: Kysely's `withTables` takes no interface. */
type Before = {
  badges_before: {
    tag: string
    key_version: number
    person_id: string
    status: string
    assigned_at: number
  }
}
type After = {
  badges: Before['badges_before'] & {
    badge_id: string
    card_id: string
    directory_person_id: string
    name: string
    kind: string
    technology: string
    stock: number
  }
}

async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema.alterTable('people').addColumn('roster', 'text').execute()

  await schema.alterTable('badges').renameTo('badges_before').execute()
  await schema
    .createTable('badges')
    .addColumn('tag', 'text', (c) => c.primaryKey())
    .addColumn('key_version', 'integer', (c) => c.notNull())
    .addColumn('badge_id', 'text', (c) => c.notNull().unique())
    .addColumn('card_id', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('directory_person_id', 'text', (c) => c.references('people.person_id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('technology', 'text', (c) => c.notNull())
    .addColumn('stock', 'integer', (c) => c.notNull())
    .addColumn('assigned_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('last_seen_workstation_id', 'text')
    .addColumn('last_seen_workstation_name', 'text')
    .execute()
  await schema.createIndex('badges_person').on('badges').columns(['person_id', 'card_id']).execute()
  await schema.createIndex('badges_end').on('badges').column('ends_at').execute()
  await copyBadges(db)
  await schema.dropTable('badges_before').execute()

  await schema
    .createTable('badge_enrolments')
    .addColumn('enrolment_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.session_id'))
    .addColumn('workstation_id', 'text', (c) => c.notNull())
    .addColumn('tag', 'text', (c) => c.notNull())
    .addColumn('technology', 'text', (c) => c.notNull())
    .addColumn('first_tap_id', 'text', (c) => c.notNull())
    .addColumn('confirmed', 'integer', (c) => c.notNull())
    .addColumn('loaner_only', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await schema
    .createIndex('badge_enrolments_expiry')
    .on('badge_enrolments')
    .column('expires_at')
    .execute()
  await schema
    .createIndex('badge_enrolments_session')
    .on('badge_enrolments')
    .column('session_id')
    .execute()

  await schema
    .createTable('notices')
    .addColumn('notice_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('place', 'text', (c) => c.notNull())
    .addColumn('about', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('verified_at', 'bigint')
    .addColumn('answered_at', 'bigint')
    .addColumn('answer', 'text')
    .execute()
  await schema
    .createIndex('notices_person')
    .on('notices')
    .columns(['person_id', 'answered_at', 'at'])
    .execute()
  // The rule itself: what anybody can cause by tapping is told once until it is answered.
  await sql`
    CREATE UNIQUE INDEX notices_once ON notices (person_id, kind, about)
    WHERE answered_at IS NULL
      AND kind IN ('lost-badge-used', 'badge-claimed', 'badge-travelled')
  `.execute(db)
}

/** Every badge came from the directory and becomes a card of its own; of which technology it is shows at its next tap. */
async function copyBadges(db: Kysely<unknown>): Promise<void> {
  const rows = await db.withTables<Before>().selectFrom('badges_before').selectAll().execute()
  const id = () => randomBytes(16).toString('base64url')
  for (const row of rows)
    await db
      .withTables<After>()
      .insertInto('badges')
      .values({
        ...row,
        status: row.status === 'revoked' ? 'detached' : row.status,
        badge_id: id(),
        card_id: id(),
        directory_person_id: row.person_id,
        name: 'Badge',
        kind: 'permanent',
        technology: '',
        stock: 0,
      })
      .execute()
}
