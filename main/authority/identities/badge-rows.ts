import type { Kysely } from 'kysely'
import type { Tx } from '../../store/port.ts'
import type { BadgeTable } from '../../store/schema/authority.ts'
import type { Schema } from '../../store/schema/index.ts'
import { type BadgeView, badgeViewSchema } from '../protocol/index.ts'
import { isFree, standingOf } from './badge-standing.ts'
import { shortTag } from './badge-tag.ts'

export type BadgeRow = Readonly<BadgeTable>

/** The row of a tag, whoever has it or had it. */
export async function findBadge(db: Kysely<Schema>, tag: string): Promise<BadgeRow | null> {
  const row = await db.selectFrom('badges').selectAll().where('tag', '=', tag).executeTakeFirst()
  return row ?? null
}

/** The badges that are a person's now, oldest first; of one card where `cardId` is given. */
export async function badgesOf(
  db: Kysely<Schema>,
  {
    personId,
    cardId,
    now,
  }: { readonly personId: string; readonly cardId?: string; readonly now: number },
): Promise<BadgeRow[]> {
  let query = db.selectFrom('badges').selectAll().where('person_id', '=', personId)
  if (cardId !== undefined) query = query.where('card_id', '=', cardId)
  const rows = await query.orderBy('assigned_at').orderBy('badge_id').execute()
  return rows.filter((row) => !isFree(standingOf(row, now)))
}

/**
 * Writes a badge that nobody has, or that nobody has any more. Null when somebody has it: of two who
 * race for one badge, the second finds the first.
 */
export async function giveBadge(tx: Tx, row: BadgeRow): Promise<BadgeRow | null> {
  const { tag, ...values } = row
  const given = await tx
    .insertInto('badges')
    .values({ tag, ...values })
    .onConflict((conflict) =>
      conflict
        .column('tag')
        .doUpdateSet(values)
        .where((eb) =>
          eb.or([
            eb('badges.status', '=', 'detached'),
            eb.and([
              eb('badges.status', '!=', 'conflicting'),
              eb('badges.kind', '=', 'loaner'),
              eb('badges.ends_at', '<=', row.assigned_at),
            ]),
          ]),
        ),
    )
    .returningAll()
    .executeTakeFirst()
  return given ?? null
}

/** A badge as its owner may see it. */
export const viewBadge = (row: BadgeRow): BadgeView =>
  badgeViewSchema.parse({
    badgeId: row.badge_id,
    cardId: row.card_id,
    name: row.name,
    kind: row.kind,
    status: row.status,
    technology: row.technology,
    tag: shortTag(row.tag),
    assignedAt: row.assigned_at,
    endsAt: row.ends_at,
    lastSeenAt: row.last_seen_at,
    lastSeenWhere: row.last_seen_workstation_name,
  })
