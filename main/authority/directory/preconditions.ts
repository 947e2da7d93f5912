import { etagOf } from './resources.ts'
import { ScimError } from './scim-error.ts'

/** Throws a ScimError, 412, when the resource is not in the state that the client has seen. */
export type Precondition = (row: { readonly version: number }) => void

/** Strong or weak, `W/"1"` and `"1"` name the same version here: there is one representation of each. */
const opaque = (tag: string) => tag.trim().replace(/^W\//, '')

const listed = (header: string, row: { readonly version: number }): boolean =>
  header.trim() === '*' ||
  header
    .split(',')
    .map(opaque)
    .includes(opaque(etagOf(row)))

/** The condition in `If-Match` (RFC 7644, 3.14; RFC 9110, 13.1.1). */
export const ifMatch =
  (header: string | undefined): Precondition =>
  (row) => {
    if (header !== undefined && !listed(header, row))
      throw new ScimError(412, null, 'The resource has changed since; read it again.')
  }

/** Whether `If-None-Match` names what the client has already. */
export const unchanged = (header: string | undefined, row: { readonly version: number }): boolean =>
  header !== undefined && listed(header, row)
