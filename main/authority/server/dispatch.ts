import type { Caller, Handlers } from '../context.ts'
import { type Call, type CallError, procedures } from '../protocol/index.ts'
import { toCallError } from './call-errors.ts'

export type Answer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: CallError }

/** One function for every call of the table; what it was given and what it gives are parsed. */
type AnyHandler = (request: unknown, caller: Caller) => Promise<unknown>

/** Carries out one call of an authenticated agent, whatever carried it here. Never rejects. */
export async function dispatch(
  handlers: Handlers,
  call: Call,
  params: unknown,
  caller: Caller,
): Promise<Answer> {
  const { request, response } = procedures[call]
  const parsed = request.safeParse(params)
  if (!parsed.success) {
    // Names of fields only: the values may be anything.
    const where = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`)
    return { ok: false, error: { code: 'bad-request', message: `${call}: ${where.join(', ')}` } }
  }
  try {
    const value = await (handlers[call] as AnyHandler)(parsed.data, caller)
    return { ok: true, value: response.parse(value) }
  } catch (error) {
    return { ok: false, error: toCallError(error) }
  }
}

export const isCall = (name: string): name is Call => Object.hasOwn(procedures, name)
