import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../../store/port.ts'
import { shortTag } from '../identities/badge-tag.ts'
import { isObject, type Json, type JsonObject, textOf } from './attributes.ts'
import {
  type Change,
  changeable,
  type Creation,
  recordChange,
  type Removal,
  type Work,
} from './changes.ts'
import { emailKeys, externalIdOf, nameKey } from './keys.ts'
import { documentOf, findUser, type UserRow } from './rows.ts'
import { lanyardUserId, userType } from './schemas.ts'
import { isTaken, ScimError } from './scim-error.ts'
import { type Settling, settlePeople } from './settle-people.ts'
import { setAttribute } from './values.ts'

/** A badge by its tag, as `sealBadge` makes it. */
interface SealedBadge {
  readonly tag: string
  readonly technology: string
}

const userNameKey = (document: JsonObject) => nameKey(textOf(document, 'userName'))

function badgesIn(document: JsonObject): readonly SealedBadge[] {
  const held = document[lanyardUserId]
  const badges = isObject(held) ? held['badges'] : undefined
  return Array.isArray(badges) ? (badges as readonly SealedBadge[]) : []
}

function withoutBadges(document: JsonObject): string {
  const kept: Record<string, Json> = { ...document }
  setAttribute(kept, lanyardUserId, 'badges', undefined)
  return JSON.stringify(kept)
}

/** Adds a User; throws a ScimError, 409, when `userName` or `externalId` is taken. */
export async function createUser(
  settling: Settling,
  work: Work,
  { document, machine }: Creation,
): Promise<UserRow> {
  const { tx, now } = work
  const user_id = settling.randomId()
  const whole = { active: true, ...document }
  const external_id = externalIdOf(whole)
  const row: UserRow = {
    user_id,
    person_id: (external_id && (await knownPerson(tx, external_id))) ?? settling.randomId(),
    user_name_key: userNameKey(whole),
    external_id,
    document: withoutBadges(whole),
    version: 1,
    created_at: now,
    changed_at: now,
    deleted_at: null,
  }
  await refuseTaken(tx, row)
  await tx.insertInto('directory_users').values(row).execute()
  await writeEmails(tx, row, { before: [], after: emailKeys(whole) })
  await writeBadges(settling, work, row, { before: [], after: badgesIn(whole) })
  await recordChange(settling, tx, { resource: 'user', id: user_id, change: 'created', machine })
  await settlePeople(settling, work, { userIds: [user_id], machine })
  return row
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The id of the person whom an `externalId` names: of a User that was deleted and comes back, of
 * somebody who was loaded with this id, or the id itself where it says nothing about anybody. Null
 * where it is none of these, or the person is another User's.
 */
async function knownPerson(tx: Tx, externalId: string): Promise<string | null> {
  const before = await tx
    .selectFrom('directory_users')
    .select('person_id')
    .where('external_id', '=', externalId)
    .where('deleted_at', 'is not', null)
    .orderBy('deleted_at', 'desc')
    .executeTakeFirst()
  const loaded = await tx
    .selectFrom('people')
    .select('person_id')
    .where('person_id', '=', externalId)
    .executeTakeFirst()
  const personId = before?.person_id ?? loaded?.person_id
  const known = personId ?? (uuid.test(externalId) ? externalId.toLowerCase() : null)
  if (known === null) return null
  const holder = await tx
    .selectFrom('directory_users')
    .select('user_id')
    .where('person_id', '=', known)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return holder ? null : known
}

/** Writes what `change` makes of a User; as it is, when that is the same. Throws a ScimError. */
export async function changeUser(
  settling: Settling,
  work: Work,
  { id, change, how, precondition, machine }: Change,
): Promise<UserRow> {
  const { tx, now } = work
  const row = changeable(await findUser(tx, id), userType, precondition)
  const badges = await tx
    .selectFrom('directory_badges')
    .select(['tag', 'technology'])
    .where('user_id', '=', id)
    .orderBy('tag')
    .execute()
  const before: Record<string, Json> = { ...documentOf(row) }
  if (badges.length > 0)
    before[lanyardUserId] = { badges: badges.map(({ tag, technology }) => ({ tag, technology })) }
  const after = change(before)
  if (isDeepStrictEqual(after, before)) return row
  const next: UserRow = {
    ...row,
    user_name_key: userNameKey(after),
    external_id: externalIdOf(after),
    document: withoutBadges(after),
    version: row.version + 1,
    changed_at: now,
  }
  const { user_name_key, external_id, document, version, changed_at } = next
  await refuseTaken(tx, next)
  await tx
    .updateTable('directory_users')
    .set({ user_name_key, external_id, document, version, changed_at })
    .where('user_id', '=', id)
    .execute()
  await writeEmails(tx, next, { before: emailKeys(before), after: emailKeys(after) })
  await writeBadges(settling, work, next, { before: badges, after: badgesIn(after) })
  await recordChange(settling, tx, { resource: 'user', id, change: how, machine })
  await settlePeople(settling, work, { userIds: [id], machine })
  return next
}

/** Deletes a User: the person's account is closed, and stays. What the directory said of them goes. */
export async function deleteUser(
  settling: Settling,
  work: Work,
  { id, precondition, machine }: Removal,
): Promise<void> {
  const { tx, now } = work
  changeable(await findUser(tx, id), userType, precondition)
  await tx
    .updateTable('directory_groups')
    .set((eb) => ({ version: eb('version', '+', 1), changed_at: now }))
    .where('group_id', 'in', (eb) =>
      eb.selectFrom('directory_members').select('group_id').where('user_id', '=', id),
    )
    .execute()
  await tx.deleteFrom('directory_members').where('user_id', '=', id).execute()
  await tx.deleteFrom('directory_emails').where('user_id', '=', id).execute()
  await tx.deleteFrom('directory_badges').where('user_id', '=', id).execute()
  await tx
    .updateTable('directory_users')
    .set({ user_name_key: '', document: '{}', deleted_at: now, changed_at: now })
    .where('user_id', '=', id)
    .execute()
  await recordChange(settling, tx, { resource: 'user', id, change: 'deleted', machine })
  await settlePeople(settling, work, { userIds: [id], machine })
}

/** Of two who come at the same time, the index refuses the one that this did not. */
async function refuseTaken(tx: Tx, { user_id, user_name_key, external_id }: UserRow) {
  const others = (column: 'user_name_key' | 'external_id', value: string | null) =>
    tx
      .selectFrom('directory_users')
      .select('user_id')
      .where('deleted_at', 'is', null)
      .where('user_id', '!=', user_id)
      .where(column, '=', value)
  // Each of an index of its own.
  const taken = await others('user_name_key', user_name_key)
    .union(others('external_id', external_id))
    .executeTakeFirst()
  if (taken) throw new ScimError(409, 'uniqueness', isTaken)
}

/**
 * What the directory no longer says is theirs is nobody's, unless somebody else has it by now. The row
 * goes: one that says `detached` would mean that its person did so, and the directory could not give
 * the badge back.
 */
async function writeBadges(
  { record }: Pick<Settling, 'record'>,
  { tx }: Work,
  { user_id, person_id }: UserRow,
  {
    before,
    after,
  }: { readonly before: readonly SealedBadge[]; readonly after: readonly SealedBadge[] },
): Promise<void> {
  const missing = (list: readonly SealedBadge[], of: readonly SealedBadge[]) =>
    list.filter(({ tag }) => !of.some((one) => one.tag === tag))
  for (const { tag, technology } of missing(after, before))
    await tx.insertInto('directory_badges').values({ user_id, tag, technology }).execute()
  for (const { tag } of missing(before, after)) {
    await tx
      .deleteFrom('directory_badges')
      .where('user_id', '=', user_id)
      .where('tag', '=', tag)
      .execute()
    const detached = await tx
      .deleteFrom('badges')
      .where('tag', '=', tag)
      .where('person_id', '=', person_id)
      .where('directory_person_id', '=', person_id)
      .where('status', 'in', ['active', 'lost'])
      .returning('card_id')
      .executeTakeFirst()
    const detail = { tags: shortTag(tag), because: 'directory' }
    if (detached)
      await record(tx, 'badge.detached', {
        actor: person_id,
        detail: { card: detached.card_id, ...detail },
      })
  }
}

/** Keeps what addresses are looked up by as the document has them. */
async function writeEmails(
  tx: Tx,
  { user_id }: UserRow,
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
): Promise<void> {
  if (isDeepStrictEqual(before, after)) return
  if (before.length > 0)
    await tx.deleteFrom('directory_emails').where('user_id', '=', user_id).execute()
  const rows = after.map((value_key) => ({ user_id, value_key }))
  if (rows.length > 0) await tx.insertInto('directory_emails').values(rows).execute()
}
