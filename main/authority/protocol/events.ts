import { z } from 'zod'
import { elsewhereSchema } from './calls/common.ts'
import { endReasonSchema } from './reasons.ts'
import { sessionIdSchema, sessionViewSchema, timeSchema } from './views.ts'

/** What the authority tells an agent unasked. `seq` rises by one per agent; gaps mean: say hello. */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('session.ended'),
    sessionId: sessionIdSchema,
    reason: endReasonSchema,
    /** With reason `moved`: where it goes on. */
    moved: elsewhereSchema.nullable(),
  }),
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('session.changed'),
    session: sessionViewSchema,
  }),
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('override.ended'),
    sessionId: sessionIdSchema,
    overrideId: z.string(),
  }),
  /** IT took this workstation out of service; its connection closes after this. */
  z.strictObject({ seq: z.number().int(), type: z.literal('workstation.disabled') }),
  /** Two machines use the key of this workstation at the same time. */
  z.strictObject({ seq: z.number().int(), type: z.literal('workstation.cloned'), at: timeSchema }),
  /** The hospital's settings for its agents, whole. */
  z.strictObject({
    seq: z.number().int(),
    type: z.literal('policy.changed'),
    policy: z.record(z.string(), z.unknown()),
  }),
])
export type AuthorityEvent = z.infer<typeof eventSchema>
