import type { JsonObject, ResourceSchema, ResourceType, SubAttribute } from './attributes.ts'
import { listSchemaId } from './listing.ts'
import { maxCount } from './query.ts'
import { resourceTypes } from './schemas.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0'

/** What this service can do (RFC 7643, 5). */
export const serviceProviderConfig = (base: string): JsonObject => ({
  schemas: [`${core}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: maxCount },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'OAuth Bearer Token',
      description: 'A token that "lanyard authority token issue" printed, as a bearer (RFC 6750).',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: {
    resourceType: 'ServiceProviderConfig',
    location: `${base}/ServiceProviderConfig`,
  },
})

const list = (resources: readonly JsonObject[]): JsonObject => ({
  schemas: [listSchemaId],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
})

const typeResource = (
  { name, endpoint, schema, extensions }: ResourceType,
  base: string,
): JsonObject => ({
  schemas: [`${core}:ResourceType`],
  id: name,
  name,
  description: schema.description,
  endpoint,
  schema: schema.id,
  schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
})

/** `/ResourceTypes`, or one of them; null: there is none of this name. */
export function describeTypes(base: string, name?: string): JsonObject | null {
  if (name === undefined) return list(resourceTypes.map((type) => typeResource(type, base)))
  const found = resourceTypes.find((type) => type.name === name)
  return found ? typeResource(found, base) : null
}

const schemaResource = ({ id, name, description, attributes }: ResourceSchema, base: string) => ({
  schemas: [`${core}:Schema`],
  id,
  name,
  description,
  attributes: attributes.map(({ subAttributes, ...attribute }) => ({
    ...described(attribute),
    ...(subAttributes.length === 0 ? {} : { subAttributes: subAttributes.map(described) }),
  })),
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
})

function described({ canonicalValues, referenceTypes, ...attribute }: SubAttribute): JsonObject {
  return {
    ...attribute,
    ...(canonicalValues ? { canonicalValues } : {}),
    ...(referenceTypes ? { referenceTypes } : {}),
  }
}

/** `/Schemas`, or one of them by its id; null: there is none. */
export function describeSchemas(base: string, id?: string): JsonObject | null {
  const all = resourceTypes.flatMap(({ schema, extensions }) => [schema, ...extensions])
  if (id === undefined) return list(all.map((schema) => schemaResource(schema, base)))
  const found = all.find((schema) => schema.id.toLowerCase() === id.toLowerCase())
  return found ? schemaResource(found, base) : null
}
