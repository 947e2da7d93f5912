import { z } from 'zod'
import { journalFaultSchema } from '../journal.ts'
import { empty } from './common.ts'
import { endReasonSchema } from '../reasons.ts'
import { applicationViewSchema, sessionIdSchema, sessionViewSchema, timeSchema } from '../views.ts'

/** The workstation itself: its connection, its key, its time without the authority. */
export const workstationCalls = {
  /** First call on a connection; also after a reconnect, to reconcile. */
  'agent.hello': {
    request: z.strictObject({
      protocol: z.literal(1),
      afterSeq: z.number().int().nonnegative(),
      /** Random, new with every start of the agent's process: tells a reconnect from a clone. */
      instance: z
        .string()
        .max(64)
        .regex(/^[\x20-\x7e]*$/)
        .default(''),
    }),
    response: z.strictObject({
      now: timeSchema,
      rpId: z.string(),
      origin: z.string(),
      seq: z.number().int().nonnegative(),
      sessions: z.array(sessionViewSchema),
      applications: z.array(applicationViewSchema),
      /** Settings of the hospital for its agents; a machine's own policy goes over them. */
      policy: z.record(z.string(), z.unknown()),
      /** Answered by the workstation itself, from its bundle: since when, until when, for how many. */
      offline: z
        .strictObject({ since: timeSchema, until: timeSchema, people: z.number().int() })
        .nullable(),
    }),
  },
  /** The agent's next key (RFC 7517), with a JWS by it over this request; the old one stays a while. */
  'machine.rotate': {
    request: z.strictObject({ proof: z.string().max(4096) }),
    response: z.strictObject({ keyId: z.string(), rotateAt: timeSchema }),
  },
  /** What lets this workstation verify people while nobody answers (docs/offline.md). */
  'offline.bundle': {
    request: z.strictObject({ have: z.string().max(64).nullable() }),
    response: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('unchanged'), expiresAt: timeSchema }),
      z.strictObject({
        outcome: z.literal('bundle'),
        /** Compact JWS (RFC 7515) of `bundleSchema` by the authority's bundle key. */
        bundle: z.string(),
        /** Key of the badge tags in it, hex; of this workstation alone, and never on a disk in clear. */
        deviceKey: z.string().regex(/^[0-9a-f]{64}$/),
      }),
      z.strictObject({ outcome: z.literal('off') }),
    ]),
  },
  /** Records of the time without the authority, in their order; sent again, they change nothing. */
  'offline.reconcile': {
    request: z.strictObject({
      /** Of the journal; a new one begins with every time offline. */
      journalId: z.string().min(1).max(64),
      entries: z.array(z.string().max(8192)).max(64),
      /** No more entries follow. */
      last: z.boolean(),
      /** What the workstation found when it read its journal, from which entry on. */
      damage: z
        .strictObject({ fault: journalFaultSchema, index: z.number().int().nonnegative() })
        .nullable()
        .default(null),
    }),
    response: z.strictObject({
      /** Entries of the journal that are durable here, from the first without a gap. */
      accepted: z.number().int().nonnegative(),
      /** Why no more is taken from it, for good. */
      refused: journalFaultSchema.nullable(),
      /** With `last`: what became of sessions that were begun or changed offline. */
      sessions: z.array(
        z.strictObject({
          sessionId: sessionIdSchema,
          outcome: z.enum(['adopted', 'ended']),
          reason: endReasonSchema.nullable(),
        }),
      ),
    }),
  },
  /** What only the workstation can see; the names are an allow-list, the detail holds no person. */
  'workstation.report': {
    request: z.strictObject({
      event: z.enum([
        'agent-started',
        'agent-stopping',
        'reader-ready',
        'reader-missing',
        'reader-silent',
        'reader-babbling',
        'reader-failing',
        'two-badges',
        'clock-jumped',
        'navigation-refused',
        'permission-refused',
        'view-crashed',
        'tap-timed',
      ]),
      detail: z.record(z.string(), z.union([z.string().max(200), z.number(), z.boolean()])),
    }),
    response: empty,
  },
} as const
