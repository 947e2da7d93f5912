import type { Context } from 'hono'
import { describeError } from '../../describe-error.ts'
import { ConstraintError, StoreError } from '../../store/port.ts'
import { log } from '../log.ts'
import { LogFailure } from '../record.ts'
import { Overload } from '../server/overload.ts'
import type { JsonObject } from './attributes.ts'
import { errorBody, isTaken, ScimError } from './scim-error.ts'

export const mediaType = 'application/scim+json'

/** Answers JSON as SCIM's media type (RFC 7644, 8.1). */
export function scimJson(
  c: Context,
  body: object,
  status: 200 | 201 | ScimError['status'] = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(JSON.stringify(body), status, {
    'content-type': `${mediaType}; charset=utf-8`,
    'cache-control': 'private, no-store',
    ...headers,
  })
}

/** What went wrong, as RFC 7644, 3.12 wants it told. */
export function toScimError(error: unknown): ScimError {
  if (error instanceof ScimError) return error
  if (error instanceof ConstraintError && error.kind === 'unique')
    return new ScimError(409, 'uniqueness', isTaken)
  if (error instanceof Overload) return new ScimError(503, null, error.message)
  if (error instanceof LogFailure) {
    log('error', 'log-unavailable', describeError(error.cause))
    return new ScimError(503, null, error.message)
  }
  if (error instanceof StoreError) {
    log('error', 'store-failed', { code: error.code })
    return new ScimError(error.code === 'full' ? 507 : 503, null, error.message)
  }
  log('error', 'scim-failed', describeError(error))
  return new ScimError(500, null, 'The authority failed; its log names the place.')
}

export function scimFailure(c: Context, error: unknown): Response {
  const failure = toScimError(error)
  const { status } = failure
  const headers: Record<string, string> = {}
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="scim"'
  if (status === 429 || status === 503) headers['retry-after'] = '1'
  return scimJson(c, errorBody(failure), status, headers)
}

/** The body of a request as JSON; throws a ScimError. */
export async function bodyOf(c: Context): Promise<unknown> {
  const type = (c.req.header('content-type') ?? mediaType).split(';')[0]?.trim().toLowerCase()
  if (type !== mediaType && type !== 'application/json')
    throw new ScimError(415, null, `Send ${mediaType}.`)
  try {
    return await c.req.json<unknown>()
  } catch {
    throw new ScimError(400, 'invalidSyntax', 'The body is no JSON.')
  }
}

/** `meta` of a resource that was just made by `resources.ts`. */
export function metaHeaders(resource: JsonObject): Record<string, string> {
  const { location, version } = resource['meta'] as { location: string; version: string }
  return { location, etag: version }
}
