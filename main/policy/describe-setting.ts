import { z } from 'zod'
import type { SettingName } from './settings.ts'
import { settings } from './settings.ts'

/** The part of JSON Schema that the settings use. */
const shapeSchema = z.union([
  z.object({ enum: z.array(z.string()) }),
  /** A structure that may be absent. */
  z.object({ anyOf: z.tuple([z.object({ type: z.literal('object') }), z.unknown()]) }),
  z.object({
    type: z.literal('array'),
    maxItems: z.number(),
    items: z.union([z.object({ enum: z.array(z.string()) }), z.unknown()]),
  }),
  z.object({ type: z.literal('boolean') }),
  z.object({
    type: z.literal('string'),
    minLength: z.number().default(0),
    maxLength: z.number(),
  }),
  z.object({
    type: z.literal('integer'),
    minimum: z.number(),
    maximum: z.number(),
    unit: z.literal('ms').optional(),
  }),
])

/** The values that a setting takes, in words: `1000 to 900000 ms (1 s to 15 min)`. */
export function allowedValues(name: SettingName): string {
  const shape = shapeSchema.parse(z.toJSONSchema(settings[name].schema))
  if ('enum' in shape) return `one of ${listed(shape.enum)}`
  if ('anyOf' in shape) return 'null or an object'
  switch (shape.type) {
    case 'array': {
      const { items, maxItems } = shape
      return items !== null && typeof items === 'object' && 'enum' in items
        ? `a list of ${listed(items.enum as string[])}`
        : `a list of up to ${maxItems} objects`
    }
    case 'boolean':
      return 'true or false'
    case 'string':
      return `text of ${shape.minLength} to ${shape.maxLength} characters`
    case 'integer': {
      const { minimum, maximum, unit } = shape
      if (!unit) return `${minimum} to ${maximum}`
      return `${minimum} to ${maximum} ms (${duration(minimum)} to ${duration(maximum)})`
    }
  }
}

/** A setting's default as it would be written in a policy file, a duration also in words. */
export function defaultValue(name: SettingName): string {
  const value = settings[name].default
  const isDuration = allowedValues(name).includes(' ms (')
  return typeof value === 'number' && isDuration
    ? `${value} (${duration(value)})`
    : JSON.stringify(value)
}

/** A long list names its first and its last; its setting's description says where the rest is. */
const listed = (values: readonly string[]): string =>
  values.length <= 8
    ? values.join(', ')
    : `${values.slice(0, 3).join(', ')} … ${values.slice(-2).join(', ')} (${values.length} values)`

const units = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

function duration(ms: number): string {
  for (const [size, unit] of units) if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`
  return `${ms} ms`
}
