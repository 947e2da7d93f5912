import { readFileSync } from 'node:fs'

export type SourceReading =
  /** The source does not exist; that is not an error. */
  | { readonly state: 'absent' }
  /** It exists, and what it says is not known. `detail` is for the log. */
  | { readonly state: 'unreadable'; readonly detail: string }
  /** Setting names and values as they were written, unchecked. */
  | { readonly state: 'found'; readonly values: Readonly<Record<string, unknown>> }

/** One place that policy comes from. */
export interface PolicySource {
  /** For reports. */
  readonly name: string
  read(): SourceReading
}

/** Values that are already at hand: defaults of a trial, tests. */
export const fixedPolicySource = (
  name: string,
  values: Readonly<Record<string, unknown>>,
): PolicySource => ({ name, read: () => ({ state: 'found', values }) })

/** A JSON object of setting names and values, UTF-8, with or without byte order mark. */
export function filePolicySource(path: string): PolicySource {
  return { name: path, read: () => readJsonObject(path) }
}

function readJsonObject(path: string): SourceReading {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { state: 'absent' }
    return {
      state: 'unreadable',
      detail: `The file cannot be read (${codeOf(error)}). Make it readable for the account that runs Lanyard.`,
    }
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isObject(value)) return { state: 'found', values: value }
    return {
      state: 'unreadable',
      detail: `Expected a JSON object of setting names and values, got ${kindOf(value)}.`,
    }
  } catch (error) {
    return {
      state: 'unreadable',
      detail: `This is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
