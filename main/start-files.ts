import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { FaultCode } from '../preload/shown/fault.ts'
import { describeError } from './describe-error.ts'
import { VaultError } from './vault/index.ts'

/** Something to fix before Lanyard can start; the screen names the code, the log says the rest. */
export class StartFault extends Error {
  readonly code: FaultCode
  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartFault'
    this.code = code
  }
}

/**
 * A JSON file of the data directory, parsed; absent: `fallback`, or a fault when there is none. A
 * fault names places in the file and never what stands there: these files hold people and badges.
 */
export async function readConfiguration<S extends z.ZodType>(
  path: string,
  schema: S,
  fallback?: z.output<S>,
): Promise<z.output<S>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (absent && fallback !== undefined) return fallback
    const message = absent ? 'It does not exist; create it.' : 'It cannot be read.'
    throw new StartFault('configuration', `${path}: ${message} See docs/.`, { cause })
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    // The parser's own message quotes the text around the mistake.
    const [, at] = /at position (\d+)/.exec(String(cause)) ?? []
    const line = at === undefined ? '' : ` in line ${text.slice(0, Number(at)).split('\n').length}`
    throw new StartFault('configuration', `${path}: It is no JSON${line}. See docs/.`)
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new StartFault('configuration', `${path}: ${z.prettifyError(parsed.error)}`)
}

/** What the fault screen and the log are told of an error at the start. */
export function faultOf(error: unknown): { readonly code: FaultCode; readonly detail: string } {
  if (error instanceof StartFault) return { code: error.code, detail: error.message }
  if (error instanceof VaultError)
    return { code: 'vault-unavailable', detail: `${error.message} ${error.advice}` }
  return { code: 'configuration', detail: JSON.stringify(describeError(error)) }
}
