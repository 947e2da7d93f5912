import { z } from 'zod'
import { enrolmentRefusalSchema } from './enrolment-refusal.ts'
import { siteFormats } from './formats/catalogue.ts'
import { inspectionSchema } from './inspection.ts'
import { siteProfileSchema } from './site-profile.ts'

export { monotonicNow } from './monotonic.ts'

/** How readers are attached; each is served by a process of its own. */
export const transportSchema = z.enum(['hid', 'pcsc', 'serial'])
export type Transport = z.infer<typeof transportSchema>

/** A serial port that a reader is plugged into. */
export const serialPortSchema = z.strictObject({
  /** `COM4`, `/dev/ttyACM0`, or better a name that stays: `/dev/serial/by-id/…`. */
  path: z.string().min(1).max(200),
  protocol: z.enum(['elatec-simple', 'rfideas', 'lines']),
  baudRate: z.number().int().min(1200).max(921_600).default(115_200),
})
export type SerialPortSetting = z.output<typeof serialPortSchema>

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
  /** About to be opened; a process that dies before it is `opened` died of this one. */
  z.strictObject({ type: z.literal('opening'), reader: z.string() }),
  /** It was opened, or could not be; the driver survived it. */
  z.strictObject({ type: z.literal('opened'), reader: z.string() }),
  z.strictObject({
    type: z.literal('tap'),
    reader: z.string(),
    badge: z.string(),
    /** It identifies, and must not be enrolled: its number is not the card's own. */
    refusedAtEnrolment: enrolmentRefusalSchema.nullable(),
    /** When the last byte of the report that carried it was read. */
    at: z.number(),
  }),
  z.strictObject({ type: z.literal('gone'), reader: z.string(), at: z.number() }),
  /** Two badges in the field or in quick succession: neither is a tap. */
  z.strictObject({ type: z.literal('two-badges'), reader: z.string(), at: z.number() }),
  /** What a reader saw, while `inspect` asks for it; nothing of it is a tap. */
  z.strictObject({
    type: z.literal('inspection'),
    inspection: inspectionSchema,
    /** Canonical identity for the authority to look up; null: no badge. */
    badge: z.string().nullable(),
  }),
  /** Readings that failed became more frequent (R21). */
  z.strictObject({
    type: z.literal('quality'),
    reader: z.string(),
    model: z.string(),
    /** In the last hour. */
    failures: z.number().int(),
    readings: z.number().int(),
  }),
])
export type ReaderMessage = z.infer<typeof readerMessageSchema>

/** From main to the reader process. */
export const readerCommandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('configure'),
    /** Card format that the site chose, or `raw`. */
    format: z.enum(siteFormats),
    /** What the site's readers hand over; the format above is for what none of them is about. */
    profiles: z.array(siteProfileSchema).max(32),
    /** Serial ports of the site's readers. */
    ports: z.array(serialPortSchema).max(8),
    /** Readers that brought a process down lately; left alone until they are not named any more. */
    avoid: z.array(z.string()).max(32),
    pollMs: z.number().int().min(50).max(1000),
    debounceMs: z.number().int().min(0).max(10_000),
  }),
  z.strictObject({
    type: z.literal('feedback'),
    reader: z.string(),
    signal: z.enum(['accepted', 'refused']),
  }),
  /** The test page is open: what readers see is explained, and is no tap. */
  z.strictObject({
    type: z.literal('inspect'),
    on: z.boolean(),
    /** Digits are shown; the authority has recorded who asked. */
    reveal: z.boolean(),
  }),
  /** Resume, unlock or start: what lies in the field now is not a tap. */
  z.strictObject({ type: z.literal('resync') }),
  /** Give the readers back as they were found, then end; sent before the process is killed. */
  z.strictObject({ type: z.literal('stop') }),
])
export type ReaderCommand = z.infer<typeof readerCommandSchema>
