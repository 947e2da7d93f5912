import { z } from 'zod'

const characteristics = {
  name: z.string(),
  type: z.enum([
    'string',
    'boolean',
    'complex',
    'reference',
    'dateTime',
    'integer',
    'decimal',
    'binary',
  ]),
  multiValued: z.boolean(),
  description: z.string().default(''),
  required: z.boolean().default(false),
  caseExact: z.boolean().default(false),
  mutability: z.enum(['readWrite', 'readOnly', 'immutable', 'writeOnly']).default('readWrite'),
  returned: z.enum(['always', 'default', 'request', 'never']).default('default'),
  uniqueness: z.enum(['none', 'server', 'global']).default('none'),
  canonicalValues: z.array(z.string()).optional(),
  referenceTypes: z.array(z.string()).optional(),
}
const subAttributeSchema = z.object(characteristics)

/** An attribute with its characteristics, in the form of RFC 7643, 7. */
export const attributeSchema = z.object({
  ...characteristics,
  subAttributes: z.array(subAttributeSchema).default([]),
})
export type Attribute = Readonly<z.infer<typeof attributeSchema>>
export type SubAttribute = Readonly<z.infer<typeof subAttributeSchema>>

/** A schema as `/Schemas` tells it, and as paths, filters and values are read by. */
export interface ResourceSchema {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

/** Everything that a type of resource is made of. */
export interface ResourceType {
  readonly name: 'User' | 'Group'
  readonly endpoint: '/Users' | '/Groups'
  readonly schema: ResourceSchema
  readonly extensions: readonly ResourceSchema[]
  /**
   * Attributes of RFC 7643 that clients send and Lanyard does not keep: accepted, so that a client
   * with a usual mapping works, and forgotten at once.
   */
  readonly notKept: ReadonlySet<string>
  /** Schemas of which nothing at all is kept, in lower case. */
  readonly schemasNotKept: ReadonlySet<string>
}

/** A resource or a value in it, with names as the schema spells them. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Attribute names are case insensitive (RFC 7643, 2.1). */
export function byName<A extends { readonly name: string }>(
  attributes: readonly A[],
  name: string,
): A | null {
  const wanted = name.toLowerCase()
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted) ?? null
}

/** How strings of an attribute are compared; composed and decomposed letters are the same. */
export const comparable = (text: string, { caseExact }: Pick<Attribute, 'caseExact'>): string =>
  caseExact ? text.normalize('NFC') : text.normalize('NFC').toLowerCase()

/** A string that the schema demands; empty where a resource lacks it. */
export const textOf = (resource: JsonObject, name: string): string => {
  const value = resource[name]
  return typeof value === 'string' ? value : ''
}
