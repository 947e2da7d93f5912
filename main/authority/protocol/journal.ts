import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type AuditEventName, auditInputSchema } from '../../audit/events.ts'
import { credentialResponseSchema, timeSchema } from './views.ts'

/** An entry's text has at most so many bytes, so that a request of at least one of them is taken. */
export const maxEntryBytes = 6 * 1024
/** Room for the entries of one request, in bytes of its JSON. */
export const maxBatchBytes = 14 * 1024
export const maxBatchEntries = 64

/** All that a workstation can have to tell of a time without the authority. */
export const journalEvents: ReadonlySet<AuditEventName> = new Set<AuditEventName>([
  'agent.started',
  'agent.stopping',
  'clock.jumped',
  'store.reserve-opened',
  'store.reserve-held',
  'badge.identified',
  'badge.refused',
  'badge.two-at-once',
  'badge.off-shift',
  'session.started',
  'session.reverified',
  'session.refused',
  'session.resumed',
  'session.shielded',
  'session.ended',
  'session.cleared',
  'session.secured',
  'offline.began',
  'offline.ended',
  'offline.refused',
  'fallback.requested',
  'fallback.approved',
  'fallback.declined',
  'fallback.refused',
  'fallback.ended',
  'override.started',
  'override.refused',
  'override.ended',
  'reader.changed',
  'reader.failing',
  'workstation.reported',
])

const id = z.string().min(1).max(64)
const flag = z.union([z.literal(0), z.literal(1)])

/** Rows of the workstation's own store as they were after the change, by the names of their columns. */
export const journalRows = {
  sessions: z.strictObject({
    session_id: id,
    person_id: id,
    workstation_id: id,
    kind: z.enum(['standard', 'fallback']),
    aal: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    amr: z.string().max(200),
    verified_at: timeSchema,
    started_at: timeSchema,
    ends_at: timeSchema,
    last_activity_at: timeSchema,
    shielded_at: timeSchema.nullable(),
    witness_id: id.nullable(),
    ended_at: timeSchema.nullable(),
    end_reason: z.string().max(40).nullable(),
    cleared_at: timeSchema.nullable(),
  }),
  passkeys: z.strictObject({
    passkey_id: z.string().max(2048),
    counter: z.number().int().nonnegative(),
    backed_up: flag,
    failed_attempts: z.number().int().nonnegative(),
    last_used_at: timeSchema.nullable(),
  }),
  review_cases: z.strictObject({
    case_id: id,
    kind: z.enum(['fallback', 'override']),
    person_id: id,
    witness_id: id.nullable(),
    session_id: id,
    patient: z.string().max(64).nullable(),
    reason: z.string().max(40),
    note: z.string().max(500),
    started_at: timeSchema,
    ended_at: timeSchema.nullable(),
  }),
  overrides: z.strictObject({
    override_id: id,
    session_id: id,
    person_id: id,
    patient: z.string().max(64),
    reason: z.string().max(40),
    started_at: timeSchema,
    ends_at: timeSchema,
    ended_at: timeSchema.nullable(),
  }),
} as const
export type JournalTable = keyof typeof journalRows
export type JournalRow<T extends JournalTable> = z.infer<(typeof journalRows)[T]>

export const journalEntrySchema = z.strictObject({
  journal: id,
  /** From 0, without a gap. */
  index: z.number().int().nonnegative(),
  /** `entryHash` of the entry before; of the journal's name for the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  bundle: id,
  /** Trusted time of the workstation when it was so. */
  at: timeSchema,
  /** The next entry belongs to the same change. */
  more: z.boolean(),
  records: z.array(auditInputSchema),
  /** Assertions that were answered in this change; the authority believes these, not the rows. */
  proofs: z.array(z.strictObject({ challenge: z.string(), response: credentialResponseSchema })),
  sessions: z.array(journalRows.sessions),
  passkeys: z.array(journalRows.passkeys),
  review_cases: z.array(journalRows.review_cases),
  overrides: z.array(journalRows.overrides),
})
export type JournalEntry = z.output<typeof journalEntrySchema>

export const entryHash = (text: string): string => createHash('sha256').update(text).digest('hex')
/** What the first entry of a journal follows. */
export const firstHash = (journalId: string): string => entryHash(`lanyard-journal-1|${journalId}`)

/** What is wrong with a journal; nothing after the place can be believed. */
export const journalFaultSchema = z.enum([
  /** An entry is not what was written. */
  'damaged',
  /** Entries at its end are missing. */
  'truncated',
  /** It is gone. */
  'missing',
  /** What should lead from entry to entry does not. */
  'broken-chain',
  /** Another entry was brought at this place before. */
  'forked',
  'malformed',
  /** It belongs to another workstation, or to a bundle that this one was never given. */
  'foreign',
])
export type JournalFault = z.infer<typeof journalFaultSchema>
