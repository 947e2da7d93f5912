import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tx } from '../../store/port.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { Services } from '../services.ts'
import type { SessionRow } from '../sessions/session-views.ts'

const day = 24 * 3_600_000

export interface NewCase {
  /** Session id of a fallback, override id of an override: one access, one case. */
  readonly caseId: string
  readonly kind: 'fallback' | 'override'
  readonly session: SessionRow
  readonly patient: string | null
  readonly reason: string
  readonly note: string
}

/** Opens the review of one emergency access, with its due times. */
export async function openCase(
  { policy }: Pick<Services, 'policy'>,
  { tx, now }: { readonly tx: Tx; readonly now: number },
  { caseId, kind, session, patient, reason, note }: NewCase,
): Promise<void> {
  await tx
    .insertInto('review_cases')
    .values({
      case_id: caseId,
      kind,
      person_id: session.person_id,
      witness_id: session.witness_id,
      session_id: session.session_id,
      workstation_name: session.workstation_name,
      patient,
      reason,
      note,
      started_at: now,
      ended_at: null,
      due_at: now + policy['emergency.reviewDue'],
      escalates_at: now + policy['emergency.reviewEscalates'],
      verdict: null,
      verdict_note: null,
      reviewer_id: null,
      decided_at: null,
    })
    .execute()
}

/** Whether the person has used up the emergency accesses of 24 hours (R13). */
export async function overQuota(
  { policy }: Pick<Services, 'policy'>,
  db: Kysely<Schema>,
  { personId, now }: { readonly personId: string; readonly now: number },
): Promise<boolean> {
  const { used } = await db
    .selectFrom('review_cases')
    .select(({ fn }) => fn.countAll().as('used'))
    .where('person_id', '=', personId)
    .where('started_at', '>', now - day)
    .executeTakeFirstOrThrow()
  return Number(used) >= policy['emergency.quota']
}

/**
 * What the log says of a free text: its hash with the id of what it belongs to. The words, which may
 * name people, stay in the review queue; nobody can change them there unnoticed.
 */
export const noteHash = (belongsTo: string, note: string) =>
  createHash('sha256').update(`${belongsTo}|${note}`).digest('hex')
