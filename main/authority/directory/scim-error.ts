/** RFC 7644, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

export type ScimStatus = 400 | 401 | 404 | 405 | 409 | 412 | 413 | 415 | 429 | 500 | 501 | 503 | 507

/** A request that is refused. `detail` is for the client's log, so it never repeats a value of a resource. */
export class ScimError extends Error {
  readonly status: ScimStatus
  readonly scimType: ScimType | null
  constructor(status: ScimStatus, scimType: ScimType | null, detail: string) {
    super(detail)
    this.name = 'ScimError'
    this.status = status
    this.scimType = scimType
  }
}

export const isTaken = 'Another resource has this userName or externalId.'

export const errorSchemaId = 'urn:ietf:params:scim:api:messages:2.0:Error'

/** The body of an error (RFC 7644, 3.12): the status is a string there. */
export const errorBody = ({ status, scimType, message }: ScimError) => ({
  schemas: [errorSchemaId],
  status: String(status),
  ...(scimType === null ? {} : { scimType }),
  detail: message,
})
