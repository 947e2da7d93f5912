import { z } from 'zod'
import { nearest } from './nearest.ts'

type Path = readonly PropertyKey[]

export interface ExplainOptions {
  readonly schema: z.ZodType
  /** What was parsed. */
  readonly data: unknown
  /** Whether what stands at a path may be shown. */
  readonly mayShow: (path: Path) => boolean
}

/** One line for each fault: where it is, what stands there, what may stand there. */
export function explainIssues(error: z.ZodError, options: ExplainOptions): readonly string[] {
  return error.issues.flatMap((issue) => explain(issue, options))
}

function explain(issue: z.core.$ZodIssue, { schema, data, mayShow }: ExplainOptions): string[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => unknownKey([...path, key], known))
  }
  if (issue.code === 'custom')
    return [
      issue.message.startsWith('is missing') || issue.message.startsWith('cannot')
        ? `${text(path)} ${issue.message}.`
        : `${text(path)}${given(data, path, mayShow)}. Allowed: ${issue.message}.`,
    ]
  const missing = issue.code === 'invalid_type' && valueAt(data, path) === undefined
  return [
    missing
      ? `${text(path)} is missing. Allowed: ${allowed(issue)}.`
      : `${text(path)}${given(data, path, mayShow)}. Allowed: ${allowed(issue)}.`,
  ]
}

/** What to say of a name that is not known where it stands. */
export function unknownKey(path: Path, known: readonly string[]): string {
  const meant = nearest(String(path.at(-1)), known)
  const hint = meant === null ? `Known here: ${known.join(', ')}` : `Did you mean ${meant}?`
  return `${text(path)} is not known. ${hint}${meant === null ? '.' : ''}`
}

const text = (path: Path): string =>
  path.length === 0 ? 'The file' : path.map((part) => String(part)).join('.')

function given(data: unknown, path: Path, mayShow: ExplainOptions['mayShow']): string {
  const value = valueAt(data, path)
  if (value !== null && typeof value === 'object')
    return Array.isArray(value) ? ' is a list' : ' is a group of keys'
  return mayShow(path) ? ` is ${clip(JSON.stringify(value) ?? 'nothing')}` : ' is wrong'
}

const clip = (line: string): string => (line.length > 80 ? `${line.slice(0, 79)}…` : line)

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
}

function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map(String).join(', ')
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at least ${issue.minimum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `${issue.minimum} or more`
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `${issue.maximum} or less`
    case 'invalid_format':
      if (issue.format === 'url') return 'an address such as https://name.example'
      return issue.message
    default:
      return issue.message
  }
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part]
  }
  return value
}

function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at: z.ZodType | null = inner(schema)
  for (const part of path) {
    if (at instanceof z.ZodObject) at = inner((at.shape as z.ZodRawShape)[String(part)])
    else if (at instanceof z.ZodArray) at = inner(at.element)
    else return []
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** The schema inside of `optional`, `nullable`, `default` and the like. */
function inner(schema: unknown): z.ZodType | null {
  let at = schema
  while (
    at instanceof z.ZodOptional ||
    at instanceof z.ZodNullable ||
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault
  )
    at = at.unwrap()
  return at instanceof z.ZodType ? at : null
}
