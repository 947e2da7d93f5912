import { z } from 'zod'

/**
 * What a reader saw, step by step, for the engineer at the test page. Digits that could copy a badge
 * are masked with `•` unless revealing was asked for, which the authority records.
 */
export const inspectionSchema = z.strictObject({
  reader: z.string(),
  model: z.string(),
  at: z.number(),
  /** As handed over by the device. */
  raw: z.string().max(300),
  /** Undone before decoding, in order. */
  transforms: z.array(z.string().max(60)).max(6),
  /** Formats that the word fits; the site decides which of them it issued. */
  candidates: z
    .array(
      z.strictObject({
        format: z.string().max(40),
        facility: z.string().max(40),
        number: z.string().max(40),
        /** False: nothing but the length speaks for it. */
        parity: z.boolean(),
      }),
    )
    .max(40),
  /** The profile that held, in words: `H10301, parity restored`; empty: none fits. */
  profile: z.string().max(120),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('badge'),
      /** The canonical identity, masked like the rest. */
      identity: z.string().max(120),
      refusedAtEnrolment: z.enum(['random', 'pupi', 'anticollision']).nullable(),
    }),
    z.strictObject({
      outcome: z.literal('no-badge'),
      reason: z.enum([
        'degenerate',
        'parity',
        'parity-stripped',
        'layout',
        'length',
        'incomplete',
        'checksum',
        'unreadable',
        'no-profile',
      ]),
    }),
  ]),
})
export type Inspection = z.infer<typeof inspectionSchema>
