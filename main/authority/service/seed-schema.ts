import { z } from 'zod'
import { parseCanonicalBadge } from '../../badge/canonical.ts'
import { applicationSchema, seedSchema } from '../protocol/process.ts'
import { workstationIdSchema } from '../protocol/views.ts'

const person = seedSchema.shape.people.element
const badge = z.string().refine((text) => parseCanonicalBadge(text) !== null, {
  message: 'a badge as "lanyard badge listen" prints it',
})

/**
 * What `lanyard authority seed` loads, YAML or JSON: a trial, a first ward, a test. A hospital's
 * people come from its directory (SCIM).
 */
export const houseSeedSchema = z.strictObject({
  people: z.array(person.extend({ badges: z.array(badge) })).default([]),
  workstations: z
    .array(
      z.strictObject({
        id: workstationIdSchema,
        name: z.string().min(1).max(40),
        place: z.string().max(40).default(''),
      }),
    )
    .default([]),
  /** Applications beside those of the configuration, which win over these. */
  applications: z.array(applicationSchema).default([]),
})
export type HouseSeed = z.output<typeof houseSeedSchema>
