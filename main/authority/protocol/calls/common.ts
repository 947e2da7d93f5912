import { z } from 'zod'
import { refusalSchema } from '../reasons.ts'
import { sessionViewSchema, timeSchema } from '../views.ts'

/* What several calls have in common. */

export const refused = z.strictObject({ outcome: z.literal('refused'), reason: refusalSchema })
/** Where and when a session was or went, by the name of the workstation. */
export const elsewhereSchema = z.strictObject({ where: z.string(), at: timeSchema })
export const signedIn = z.strictObject({
  outcome: z.literal('signed-in'),
  session: sessionViewSchema,
  /** The session was live there and goes on here (R3); told only after the person was verified. */
  movedFrom: elsewhereSchema.nullable(),
})
export const tapId = z.string().min(1).max(64)
export const ceremonyId = z.string().min(1).max(64)
export const empty = z.strictObject({})
