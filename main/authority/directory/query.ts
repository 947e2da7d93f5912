import { z } from 'zod'
import { maxFilter } from './filter-syntax.ts'
import { ScimError } from './scim-error.ts'

/** Resources in one answer, at most, and where a client does not say. */
export const maxCount = 1000
const defaultCount = 100

/** What a list or a search asks for, whether in the URL or in a body. */
export interface Query {
  readonly filter: string | null
  readonly sortBy: string | null
  readonly sortOrder: 'ascending' | 'descending'
  /** From 1. */
  readonly startIndex: number
  readonly count: number
  readonly attributes: readonly string[]
  readonly excluded: readonly string[]
}

const names = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const whole = z.coerce.number().int()
const urlSchema = z.object({
  filter: z.string().min(1).max(maxFilter).optional(),
  sortBy: z.string().min(1).max(256).optional(),
  sortOrder: z.enum(['ascending', 'descending']).default('ascending'),
  startIndex: whole.optional(),
  count: whole.optional(),
  attributes: z.string().max(maxFilter).optional(),
  excludedAttributes: z.string().max(maxFilter).optional(),
})

export const searchSchemaId = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const list = z.array(z.string().max(256)).max(200).default([])
const bodySchema = z.object({
  schemas: z.array(z.string()).refine((ids) => ids.includes(searchSchemaId)),
  filter: urlSchema.shape.filter,
  sortBy: urlSchema.shape.sortBy,
  sortOrder: urlSchema.shape.sortOrder,
  startIndex: z.number().int().optional(),
  count: z.number().int().optional(),
  attributes: list,
  excludedAttributes: list,
})

/** Throws a ScimError that names the parameter. */
function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const name = String(issue?.path[0] ?? 'The request')
  const scimType = name === 'filter' ? 'invalidFilter' : 'invalidValue'
  throw new ScimError(400, scimType, `${name} is not what it has to be.`)
}

/** Out of range means the nearest that is allowed (RFC 7644, 3.4.2.4). */
const page = ({
  startIndex = 1,
  count = defaultCount,
}: {
  startIndex?: number | undefined
  count?: number | undefined
}) => ({
  startIndex: Math.max(1, startIndex),
  count: Math.min(maxCount, Math.max(0, count)),
})

/** Reads the query of a GET. */
export function queryOfUrl(given: Readonly<Record<string, string>>): Query {
  const { filter, sortBy, sortOrder, attributes, excludedAttributes, ...rest } = parsed(
    urlSchema,
    given,
  )
  return {
    filter: filter ?? null,
    sortBy: sortBy ?? null,
    sortOrder,
    ...page(rest),
    attributes: names(attributes),
    excluded: names(excludedAttributes),
  }
}

/** Reads the body of a POST to `.search` (RFC 7644, 3.4.3). */
export function queryOfBody(body: unknown): Query {
  const { filter, sortBy, sortOrder, attributes, excludedAttributes, ...rest } = parsed(
    bodySchema,
    body,
  )
  return {
    filter: filter ?? null,
    sortBy: sortBy ?? null,
    sortOrder,
    ...page(rest),
    attributes,
    excluded: excludedAttributes,
  }
}
