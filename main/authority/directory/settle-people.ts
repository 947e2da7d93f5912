import type { Kysely } from 'kysely'
import type { DirectoryBadgeTable } from '../../store/schema/directory.ts'
import type { Schema } from '../../store/schema/index.ts'
import { addPerson } from '../identities/add-person.ts'
import { assignTag } from '../identities/badges.ts'
import type { Person } from '../identities/people.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { Unit } from '../unit-of-work.ts'
import type { DirectoryConfig } from './config.ts'
import { disablePerson, endSessionsOf } from './disable-person.ts'
import { entitlementOf, namesOf } from './mapping.ts'
import { chunksOf, documentOf, groupsOfUsers, type UserRow } from './rows.ts'

export interface Settling extends Pick<Services, 'record' | 'badgeKey' | 'randomId'> {
  readonly endSession: EndSession
  readonly config: DirectoryConfig
}

/** What a person has to be, by what the directory says of them. */
interface Wanted {
  readonly personId: string
  readonly userId: string
  readonly given: string
  readonly family: string
  readonly role: string | null
  /** JSON. */
  readonly applications: string
  /** Why they may not sign in; null: they may. */
  readonly closed: 'deleted' | 'inactive' | 'no-role' | null
}

/**
 * Makes people what the directory says of these users, deleted ones as well: adds who has a role for
 * the first time, changes, closes and opens accounts. Returns how many people changed. `machine`: who
 * is recorded for it.
 */
export async function settlePeople(
  settling: Settling,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { userIds, machine }: { readonly userIds: readonly string[]; readonly machine: string },
): Promise<number> {
  const { tx } = work
  let changes = 0
  for (const ids of chunksOf(userIds)) {
    const rows = await tx
      .selectFrom('directory_users')
      .selectAll()
      .where('user_id', 'in', ids)
      .execute()
    const groups = await groupsOfUsers(tx, ids)
    const people = await peopleById(
      tx,
      rows.map(({ person_id }) => person_id),
    )
    const badges = await badgesOfUsers(tx, ids)
    for (const row of rows) {
      const wanted = wantedOf(settling.config, row, groups.get(row.user_id) ?? [])
      const person = people.get(row.person_id) ?? null
      const settled = { wanted, person, machine, badges: badges.get(row.user_id) ?? [] }
      if (await settleOne(settling, work, settled)) changes += 1
    }
  }
  return changes
}

async function peopleById(
  db: Kysely<Schema>,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  if (personIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('people')
    .selectAll()
    .where('person_id', 'in', personIds)
    .execute()
  return new Map(rows.map((row) => [row.person_id, row]))
}

function wantedOf(
  config: DirectoryConfig,
  row: UserRow,
  groups: Parameters<typeof entitlementOf>[2],
): Wanted {
  const document = documentOf(row)
  const { role, applications } = entitlementOf(config, document, groups)
  const closed =
    row.deleted_at !== null
      ? 'deleted'
      : document['active'] === false
        ? 'inactive'
        : role === null
          ? 'no-role'
          : null
  return {
    personId: row.person_id,
    userId: row.user_id,
    ...namesOf(document),
    role,
    applications: JSON.stringify(applications),
    closed,
  }
}

interface Settled {
  readonly wanted: Wanted
  readonly person: Person | null
  readonly machine: string
  readonly badges: readonly Badge[]
}
type Badge = Pick<DirectoryBadgeTable, 'tag' | 'technology'>

async function settleOne(
  settling: Settling,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  settled: Settled,
): Promise<boolean> {
  const { wanted, person, machine } = settled
  const { personId, closed } = wanted
  if (closed !== null) {
    if (!person) return false
    return disablePerson(settling, work, { personId, cause: closed, machine })
  }
  const changed = person ? await changePerson(settling, work, { ...settled, person }) : true
  if (!person) {
    const { given, family, role, applications } = wanted
    const added = { given, family, role: role ?? '', applications, patient: null, roster: null }
    await addPerson(settling, work.tx, { person_id: personId, ...added }, machine)
  }
  // What the person has passed on since stays so.
  for (const { tag, technology } of settled.badges)
    await assignTag(settling, work, { personId, tag, technology })
  return changed
}

async function changePerson(
  { record, endSession }: Settling,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { wanted, person, machine }: Settled & { readonly person: Person },
): Promise<boolean> {
  const { tx } = work
  const { personId, given, family, applications } = wanted
  const role = wanted.role ?? person.role
  const changes = [
    ...(person.given === given && person.family === family ? [] : ['name']),
    ...(person.role === role ? [] : ['role']),
    ...(person.applications === applications ? [] : ['applications']),
  ]
  const reopened = person.disabled_at !== null
  if (changes.length === 0 && !reopened) return false
  await tx
    .updateTable('people')
    .set({ given, family, role, applications, disabled_at: null })
    .where('person_id', '=', personId)
    .execute()
  const entry = { actor: personId }
  if (reopened) await record(tx, 'person.enabled', { ...entry, detail: { machine } })
  if (changes.length === 0) return true
  const detail = { machine, changed: changes.join(' '), role }
  await record(tx, 'person.changed', { ...entry, detail })
  // A session keeps the rights that it began with, so one that has too many by now must end.
  const left: readonly unknown[] = JSON.parse(applications) as unknown[]
  const lost = (JSON.parse(person.applications) as unknown[]).some((one) => !left.includes(one))
  if (lost || person.role !== role) await endSessionsOf({ endSession }, work, personId, 'revoked')
  return true
}

async function badgesOfUsers(
  db: Kysely<Schema>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Badge[]>> {
  const rows = await db
    .selectFrom('directory_badges')
    .selectAll()
    .where('user_id', 'in', userIds)
    .execute()
  return Map.groupBy(rows, ({ user_id }) => user_id)
}
