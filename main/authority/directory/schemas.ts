import Scimmy from 'scimmy'
import { z } from 'zod'
import {
  type Attribute,
  attributeSchema,
  type ResourceSchema,
  type ResourceType,
} from './attributes.ts'

/*
 * Of the library only the schemas of RFC 7643 are used, as data. Its filter compares without regard to
 * `caseExact`, reads `not (a and b)` as `not a and not b`, breaks strings that contain `and` or a quote,
 * and doubles its work with every `or` in an `and`; its PATCH stands on that filter.
 */

const described = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  attributes: z.array(attributeSchema),
})
/** The library's objects become RFC 7643's only as JSON. */
const describe = ({
  definition,
}: {
  readonly definition: { describe(): object }
}): ResourceSchema => described.parse(JSON.parse(JSON.stringify(definition.describe())))
const rfcUser = describe(Scimmy.Schemas.User)
const rfcGroup = describe(Scimmy.Schemas.Group)
const rfcEnterprise = describe(Scimmy.Schemas.EnterpriseUser)

const attribute = (given: Partial<z.input<typeof attributeSchema>> & { name: string }): Attribute =>
  attributeSchema.parse({ type: 'string', multiValued: false, ...given })

/** Attributes that every resource has (RFC 7643, 3.1); `/Schemas` does not list them. */
export const commonAttributes: readonly Attribute[] = [
  attribute({ name: 'schemas', type: 'reference', multiValued: true, mutability: 'readOnly' }),
  attribute({ name: 'id', caseExact: true, mutability: 'readOnly', returned: 'always' }),
  attribute({ name: 'externalId', caseExact: true }),
  attribute({
    name: 'meta',
    type: 'complex',
    mutability: 'readOnly',
    subAttributes: [
      { name: 'resourceType', type: 'string', multiValued: false, caseExact: true },
      { name: 'created', type: 'dateTime', multiValued: false },
      { name: 'lastModified', type: 'dateTime', multiValued: false },
      { name: 'location', type: 'reference', multiValued: false, caseExact: true },
      { name: 'version', type: 'string', multiValued: false, caseExact: true },
    ],
  }),
]

/** No more of a person than Lanyard shows, finds them by, or derives their role from. */
const keptOfUser = [
  'userName',
  'name',
  'displayName',
  'title',
  'userType',
  'preferredLanguage',
  'active',
  'emails',
  'groups',
  'roles',
]

/** Lanyard's own attributes of a User. */
export const lanyardUserId = 'urn:lanyard:params:scim:schemas:1.0:User'

export const lanyardUser: ResourceSchema = {
  id: lanyardUserId,
  name: 'Lanyard User',
  description: 'What Lanyard needs of a person beside the core schema',
  attributes: [
    attribute({
      name: 'badges',
      type: 'complex',
      multiValued: true,
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
      description:
        'Badges of the person: an identity as Lanyard derives it (value), or a Wiegand format with facility and number. Kept as keyed hashes only.',
      subAttributes: [
        { name: 'value', type: 'string', multiValued: false, caseExact: true },
        { name: 'format', type: 'string', multiValued: false, caseExact: true },
        { name: 'facility', type: 'string', multiValued: false, caseExact: true },
        { name: 'number', type: 'string', multiValued: false, caseExact: true },
      ].map((sub) => ({ ...sub, type: 'string', mutability: 'writeOnly', returned: 'never' })),
    }),
  ],
}

/** A `value` that is the `id` of a resource is compared as an `id` is (RFC 7643, 3.1). */
const holdingIds = (one: Attribute): Attribute => ({
  ...one,
  subAttributes: one.subAttributes.map((sub) =>
    sub.name === 'value' ? { ...sub, caseExact: true } : sub,
  ),
})
const withIds = (attributes: readonly Attribute[], ...names: readonly string[]) =>
  attributes.map((one) => (names.includes(one.name) ? holdingIds(one) : one))

const kept = withIds(rfcUser.attributes, 'groups').filter(({ name }) => keptOfUser.includes(name))
const namesOf = (attributes: readonly Attribute[]) =>
  attributes.map(({ name }) => name.toLowerCase())

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  schema: { ...rfcUser, attributes: kept },
  extensions: [lanyardUser],
  notKept: new Set(namesOf(rfcUser.attributes.filter(({ name }) => !keptOfUser.includes(name)))),
  schemasNotKept: new Set([rfcEnterprise.id.toLowerCase()]),
}

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  schema: { ...rfcGroup, attributes: withIds(rfcGroup.attributes, 'members') },
  extensions: [],
  notKept: new Set(),
  schemasNotKept: new Set(),
}

export const resourceTypes: readonly ResourceType[] = [userType, groupType]
