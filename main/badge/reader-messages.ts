import { z } from 'zod'
import { siteFormats } from './formats/catalogue.ts'

/** Monotonic milliseconds of this machine (CLOCK_MONOTONIC), comparable across its processes. */
export const monotonicNow = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

export const readerStateSchema = z.enum([
  'starting',
  'ready',
  /** No reader that a profile knows is plugged in. */
  'missing',
  /** It was there and is gone. */
  'unplugged',
  /** It is there but does not answer. */
  'silent',
  /** It answers nonsense or too much; it is ignored until it calms down. */
  'babbling',
  /** node-hid or one of its system libraries cannot be loaded. */
  'driver-missing',
  'permission-denied',
])
export type ReaderState = z.infer<typeof readerStateSchema>

/** From the reader process to main. `badge` is the canonical identity; it is never logged. */
export const readerMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('reader'),
    /** The reader's path, hashed: safe to log. `none` while the state is of no single reader. */
    reader: z.string(),
    model: z.string(),
    state: readerStateSchema,
    /** What to do next, for the log and `doctor`; never shown to clinicians. */
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('tap'),
    reader: z.string(),
    badge: z.string(),
    /** When the last byte of the report that carried it was read. */
    at: z.number(),
  }),
  z.strictObject({ type: z.literal('gone'), reader: z.string(), at: z.number() }),
  /** Two badges in the field or in quick succession: neither is a tap. */
  z.strictObject({ type: z.literal('two-badges'), reader: z.string(), at: z.number() }),
])
export type ReaderMessage = z.infer<typeof readerMessageSchema>

/** From main to the reader process. */
export const readerCommandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('configure'),
    /** Card format that the site chose, or `raw`. */
    format: z.enum(siteFormats),
    pollMs: z.number().int().min(50).max(1000),
    debounceMs: z.number().int().min(0).max(10_000),
  }),
  z.strictObject({
    type: z.literal('feedback'),
    reader: z.string(),
    signal: z.enum(['accepted', 'refused']),
  }),
  /** Resume, unlock or start: what lies in the field now is not a tap. */
  z.strictObject({ type: z.literal('resync') }),
  /** Give the readers back as they were found, then end; sent before the process is killed. */
  z.strictObject({ type: z.literal('stop') }),
])
export type ReaderCommand = z.infer<typeof readerCommandSchema>
