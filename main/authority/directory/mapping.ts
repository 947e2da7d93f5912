import type { Role } from '../protocol/index.ts'
import { isObject, type JsonObject } from './attributes.ts'
import type { DirectoryConfig } from './config.ts'

export interface GroupNames {
  readonly display_name: string
  readonly external_id: string | null
}

/** What somebody may be here. Without a role they are kept in the directory and cannot sign in. */
export interface Entitlement {
  readonly role: Role | null
  /** Application ids, sorted. */
  readonly applications: readonly string[]
}

const folded = (name: string) => name.normalize('NFKC').trim().toLowerCase()

/** What the directory's words for a person mean here (see `directoryConfigSchema`). */
export function entitlementOf(
  config: DirectoryConfig,
  document: JsonObject,
  groups: readonly GroupNames[],
): Entitlement {
  const inGroups = new Set(
    groups
      .flatMap(({ display_name, external_id }) => [display_name, external_id ?? display_name])
      .map(folded),
  )
  const inRoles = new Set(rolesOf(document).map(folded))
  const title = typeof document['title'] === 'string' ? folded(document['title']) : null
  const fitting = [
    ...config.groups.filter(({ group }) => inGroups.has(folded(group))),
    ...config.roles.filter(({ value }) => inRoles.has(folded(value))),
    ...config.titles.filter((rule) => folded(rule.title) === title),
  ]
  return {
    role: fitting.find(({ role }) => role !== undefined)?.role ?? null,
    applications: [
      ...new Set(fitting.flatMap(({ applications }) => applications ?? [])),
    ].toSorted(),
  }
}

function rolesOf({ roles }: JsonObject): string[] {
  if (!Array.isArray(roles)) return []
  return roles.flatMap((role: unknown) =>
    isObject(role) && typeof role['value'] === 'string' ? [role['value']] : [],
  )
}

/** Whether a group gives anybody anything. */
export function isMapped(
  config: DirectoryConfig,
  { display_name, external_id }: GroupNames,
): boolean {
  const names = [folded(display_name), folded(external_id ?? display_name)]
  return config.groups.some(({ group }) => names.includes(folded(group)))
}

const maxName = 128
const text = (value: unknown): string =>
  typeof value === 'string' ? value.trim().replaceAll(/\s+/g, ' ').slice(0, maxName) : ''

/**
 * Given and family name as Lanyard shows them. RFC 7643 demands neither: then the last word of the
 * whole name is the family name, and without any name what stands before the @ of `userName`.
 */
export function namesOf(document: JsonObject): { readonly given: string; readonly family: string } {
  const name = isObject(document['name']) ? document['name'] : {}
  const given = text(name['givenName'])
  const family = text(name['familyName'])
  if (given !== '' && family !== '') return { given, family }
  // One of the two is all that there is: people have one name in some places.
  if (given !== '' || family !== '') return { given: given || family, family: '' }
  const whole = text(name['formatted']) || text(document['displayName'])
  if (whole === '') return { given: text(document['userName']).split('@')[0] ?? '', family: '' }
  const at = whole.lastIndexOf(' ')
  if (at < 0) return { given: whole, family: '' }
  return { given: whole.slice(0, at), family: whole.slice(at + 1) }
}
