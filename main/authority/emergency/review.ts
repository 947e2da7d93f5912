import type { Kysely } from 'kysely'
import type { ReviewCaseTable } from '../../store/schema/authority.ts'
import type { Schema } from '../../store/schema/index.ts'
import { CallFailure, type Handlers } from '../context.ts'
import { type Person, personOf } from '../identities/people.ts'
import { displayName } from '../names.ts'
import { type ReviewCase, reviewCaseSchema } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import { liveSessionHere } from '../sessions/session-rows.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import { noteHash } from './cases.ts'

const reviewers: ReadonlySet<string> = new Set(['privacy-officer', 'charge-nurse'])
/** Decided cases stay in the list this long, ms. */
const recent = 30 * 24 * 3_600_000

/** Reviewing asks for a role and for somebody who proved to hold it. */
const mayReview = (session: SessionRow, person: Person) =>
  reviewers.has(person.role) && session.kind === 'standard' && session.aal >= 2

async function viewCase(db: Kysely<Schema>, row: Readonly<ReviewCaseTable>): Promise<ReviewCase> {
  const name = async (personId: string | null) =>
    personId === null ? null : displayName(await personOf(db, personId))
  return reviewCaseSchema.parse({
    caseId: row.case_id,
    kind: row.kind,
    actor: await name(row.person_id),
    witness: await name(row.witness_id),
    workstation: row.workstation_name,
    patient: row.patient,
    reason: row.reason,
    note: row.note,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    dueAt: row.due_at,
    escalatesAt: row.escalates_at,
    verdict: row.verdict,
    reviewer: await name(row.reviewer_id),
  })
}

/** The queue of emergency accesses to be judged by somebody who had no part in them. */
export function createReview({
  policy,
  record,
  unit,
}: Services): Pick<Handlers, 'review.list' | 'review.decide'> {
  return {
    async 'review.list'({ sessionId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        const entry = { session, workstation: workstation.id }
        if (!mayReview(session, await personOf(tx, session.person_id))) {
          await record(tx, 'review.listed', {
            ...entry,
            outcome: 4,
            detail: { reason: 'not-a-reviewer' },
          })
          return { outcome: 'not-a-reviewer' }
        }
        const rows = await tx
          .selectFrom('review_cases')
          .selectAll()
          .where((eb) => eb.or([eb('verdict', 'is', null), eb('started_at', '>', now - recent)]))
          // What waits for a verdict comes first, the most urgent of it at the top.
          .orderBy((eb) => eb('verdict', 'is not', null))
          .orderBy('due_at')
          .orderBy('case_id')
          .limit(200)
          .execute()
        await record(tx, 'review.listed', { ...entry, detail: { cases: rows.length } })
        const cases: ReviewCase[] = []
        for (const row of rows) cases.push(await viewCase(tx, row))
        return { outcome: 'listed', cases }
      })
    },

    async 'review.decide'({ sessionId, caseId, verdict, note }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        const refuse = async (outcome: 'not-a-reviewer' | 'own-case' | 'already-decided') => {
          await record(tx, 'review.decided', {
            outcome: 4,
            session,
            workstation: workstation.id,
            detail: { case: caseId, reason: outcome },
          })
          return { outcome }
        }
        if (!mayReview(session, await personOf(tx, session.person_id)))
          return refuse('not-a-reviewer')
        const reviewed = await tx
          .selectFrom('review_cases')
          .select(['person_id', 'witness_id', 'patient'])
          .where('case_id', '=', caseId)
          .executeTakeFirst()
        if (!reviewed) throw new CallFailure('not-found', 'No such case.')
        const reviewerId = session.person_id
        if (reviewed.person_id === reviewerId || reviewed.witness_id === reviewerId)
          return refuse('own-case')
        const decided = await tx
          .updateTable('review_cases')
          .set({ verdict, verdict_note: note, reviewer_id: reviewerId, decided_at: now })
          .where('case_id', '=', caseId)
          .where('verdict', 'is', null)
          .returning('case_id')
          .executeTakeFirst()
        if (!decided) return refuse('already-decided')
        await record(tx, 'review.decided', {
          session,
          workstation: workstation.id,
          patient: reviewed.patient,
          detail: { case: caseId, verdict, noteHash: noteHash(caseId, note) },
        })
        return { outcome: 'decided' }
      })
    },
  }
}
