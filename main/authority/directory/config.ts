import { z } from 'zod'
import { applicationIdSchema, roleSchema } from '../protocol/index.ts'

const given = {
  role: roleSchema.optional(),
  applications: z.array(applicationIdSchema).optional(),
}
const text = z.string().trim().min(1).max(256)

/**
 * `directory` in the service's configuration: what groups, roles and titles of the hospital's directory
 * mean here. The role is that of the first rule that fits and names one, groups before roles before
 * titles, each in the order written; applications are those of all rules that fit.
 */
export const directoryConfigSchema = z.strictObject({
  /** `group`: displayName or externalId of a SCIM Group, in any case. */
  groups: z.array(z.strictObject({ group: text, ...given })).default([]),
  /** `value`: of one of the person's SCIM `roles`. */
  roles: z.array(z.strictObject({ value: text, ...given })).default([]),
  titles: z.array(z.strictObject({ title: text, ...given })).default([]),
})
export type DirectoryConfig = Readonly<z.infer<typeof directoryConfigSchema>>
