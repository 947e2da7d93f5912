import { z } from 'zod'
import { callErrorSchema } from './call-error.ts'
import { eventSchema } from './events.ts'
import { type Call, procedures } from './procedures.ts'

/** Frames on the agent's socket `GET /agent/v1/socket`. */
export const requestFrameSchema = z.strictObject({
  id: z.number().int().nonnegative(),
  call: z.enum(Object.keys(procedures) as [Call, ...Call[]]),
  params: z.unknown(),
})
export const responseFrameSchema = z.union([
  z.strictObject({ id: z.number().int(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ id: z.number().int(), ok: z.literal(false), error: callErrorSchema }),
  z.strictObject({ event: eventSchema }),
])
