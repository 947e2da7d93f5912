import type { JournalFault, JournalRow } from '../protocol/index.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import { sessionHere } from '../sessions/session-rows.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { Unit } from '../unit-of-work.ts'
import { endReasonSchema } from '../protocol/index.ts'
import type { OfflineProof } from './proofs.ts'

export interface Source {
  readonly journalId: string
  readonly bundleId: string
  readonly workstation: { readonly id: string; readonly name: string }
  /** Time of the entry, never after now. */
  readonly at: number
}

const reasonOf = (text: string | null) => endReasonSchema.catch('agent-restart').parse(text)

/**
 * Takes over what a workstation says of one session. One that began offline is written as ended: it
 * becomes live only when it is settled and nothing speaks against it.
 */
export async function takeSession(
  services: Pick<Services, 'policy'> & { readonly endSession: EndSession },
  work: Unit,
  row: JournalRow<'sessions'>,
  { journalId, bundleId, workstation, at }: Source,
  proofs: readonly OfflineProof[],
): Promise<JournalFault | null> {
  const { tx, now } = work
  if (row.workstation_id !== workstation.id) return 'foreign'
  const [person, existing, staged] = await Promise.all([
    tx
      .selectFrom('people')
      .select(['applications'])
      .where('person_id', '=', row.person_id)
      .executeTakeFirst(),
    tx
      .selectFrom('sessions')
      .selectAll()
      .where('session_id', '=', row.session_id)
      .executeTakeFirst(),
    tx
      .selectFrom('offline_sessions')
      .selectAll()
      .where('session_id', '=', row.session_id)
      .where('journal_id', '=', journalId)
      .executeTakeFirst(),
  ])
  if (!person) return 'malformed'
  if (existing && existing.workstation_id !== workstation.id) return 'foreign'
  if (existing && existing.person_id !== row.person_id) return 'malformed'

  const begun = existing === undefined || (staged?.begun === 1 && staged.outcome === null)
  const vouched = row.kind === 'standard' ? row.person_id : row.witness_id
  const proof = proofs.find((one) => one.ok && one.personId === vouched)
  const isSelfWitness = row.kind === 'fallback' && row.witness_id === row.person_id
  const proven = proof?.ok === true && !isSelfWitness ? proof : null
  const known = staged?.claimed_at ?? (begun ? null : existing.verified_at)
  const claims = known === null || row.verified_at > known
  const doubt = claims && proven === null ? doubtOf(proofs, isSelfWitness) : null
  const lastActivity = Math.min(row.last_activity_at, now)
  const endedReason = row.ended_at === null ? null : reasonOf(row.end_reason)

  if (existing === undefined) {
    const startedAt = Math.min(row.started_at, at)
    const { policy } = services
    const life = policy[row.kind === 'fallback' ? 'emergency.witnessed' : 'session.overall']
    await tx
      .insertInto('sessions')
      .values({
        session_id: row.session_id,
        person_id: row.person_id,
        workstation_id: workstation.id,
        workstation_name: workstation.name,
        kind: row.kind,
        scope: row.kind === 'fallback' ? 'reduced' : 'full',
        aal: proven && row.kind === 'standard' ? 2 : 0,
        amr: JSON.stringify(row.kind === 'fallback' ? ['witness'] : []),
        verified_at: at,
        started_at: startedAt,
        ends_at: Math.min(row.ends_at, startedAt + life),
        last_activity_at: lastActivity,
        shielded_at: row.shielded_at,
        applications: person.applications,
        // What is on the screen of an application that was not launched anew is not ours to say.
        patient: null,
        witness_id: row.witness_id,
        ended_at: at,
        end_reason: endedReason ?? 'offline-conflict',
        cleared_at: row.cleared_at,
        continues: null,
      })
      .execute()
  } else if (begun) {
    await tx
      .updateTable('sessions')
      .set({
        last_activity_at: lastActivity,
        shielded_at: row.shielded_at,
        cleared_at: row.cleared_at,
        ...(endedReason === null ? {} : { ended_at: at, end_reason: endedReason }),
        ...(claims && proven ? { verified_at: at } : {}),
      })
      .where('session_id', '=', row.session_id)
      .execute()
  } else if (existing.ended_at === null) {
    await tx
      .updateTable('sessions')
      .set({
        last_activity_at: Math.max(existing.last_activity_at, lastActivity),
        shielded_at: row.shielded_at,
        cleared_at: row.cleared_at,
      })
      .where('session_id', '=', row.session_id)
      .execute()
    if (endedReason !== null) {
      const key = { sessionId: row.session_id, workstationId: workstation.id }
      await services.endSession(work, await sessionHere(tx, key), endedReason)
    }
  }

  const news = {
    bundle_id: bundleId,
    claimed_at: row.verified_at,
    ...(claims && proven ? { proven_at: at, proven_passkey_id: proven.passkeyId } : {}),
    ...(doubt === null ? {} : { doubt }),
    ...(endedReason === null ? {} : { ended_reason: endedReason }),
  }
  await tx
    .insertInto('offline_sessions')
    .values({
      session_id: row.session_id,
      journal_id: journalId,
      person_id: row.person_id,
      begun: begun ? 1 : 0,
      proven_at: null,
      proven_passkey_id: null,
      doubt: null,
      ended_reason: null,
      outcome: null,
      reason: null,
      ...news,
    })
    .onConflict((conflict) => conflict.columns(['session_id', 'journal_id']).doUpdateSet(news))
    .execute()
  return null
}

const doubtOf = (proofs: readonly OfflineProof[], isSelfWitness: boolean): string => {
  if (isSelfWitness) return 'same-person'
  return proofs.flatMap((one) => (one.ok ? [] : [one.doubt]))[0] ?? 'not-proven'
}

/** The review of an emergency access that was given offline is due from its own time on. */
export async function takeCase(
  services: Pick<Services, 'policy' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  row: JournalRow<'review_cases'>,
  { workstation, at }: Source,
): Promise<JournalFault | null> {
  const { tx } = work
  const { policy } = services
  const session = await ownSession(tx, row, workstation.id)
  if (!session) return 'malformed'
  const startedAt = Math.min(row.started_at, at)
  const known = await tx
    .selectFrom('review_cases')
    .select('case_id')
    .where('case_id', '=', row.case_id)
    .executeTakeFirst()
  const taken = await tx
    .insertInto('review_cases')
    .values({
      ...row,
      workstation_name: workstation.name,
      started_at: startedAt,
      due_at: startedAt + policy['emergency.reviewDue'],
      escalates_at: startedAt + policy['emergency.reviewEscalates'],
      verdict: null,
      verdict_note: null,
      reviewer_id: null,
      decided_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .column('case_id')
        // One that has ended stays so; the assignment only says that it is this session's own.
        .doUpdateSet((eb) => ({
          ended_at: eb.fn.coalesce(eb.ref('review_cases.ended_at'), eb.val(row.ended_at)),
        }))
        .whereRef('review_cases.session_id', '=', 'excluded.session_id')
        .whereRef('review_cases.person_id', '=', 'excluded.person_id'),
    )
    .returning('case_id')
    .executeTakeFirst()
  if (!taken) return 'foreign'
  if (!known && row.kind === 'fallback')
    await leaveNotice(services, work, {
      personId: row.person_id,
      kind: 'vouched-for',
      about: row.case_id,
      place: workstation.name,
      at: startedAt,
      by: null,
    })
  return null
}

/** An override stands only on an assertion that the authority verified; without, it is on record. */
export async function takeOverride(
  { policy }: Pick<Services, 'policy'>,
  { tx }: Pick<Unit, 'tx'>,
  row: JournalRow<'overrides'>,
  { workstation, at }: Source,
  proofs: readonly OfflineProof[],
): Promise<JournalFault | null> {
  const session = await ownSession(tx, row, workstation.id)
  if (!session) return 'malformed'
  const isProven = proofs.some((one) => one.ok && one.personId === row.person_id)
  const startedAt = Math.min(row.started_at, at)
  const taken = await tx
    .insertInto('overrides')
    .values({
      ...row,
      started_at: startedAt,
      ends_at: Math.min(row.ends_at, startedAt + policy['emergency.alone']),
      ended_at: row.ended_at ?? (isProven ? null : at),
    })
    .onConflict((conflict) =>
      conflict
        .column('override_id')
        // One that has ended stays so; the assignment only says that it is this session's own.
        .doUpdateSet((eb) => ({
          ended_at: eb.fn.coalesce(eb.ref('overrides.ended_at'), eb.val(row.ended_at)),
        }))
        .whereRef('overrides.session_id', '=', 'excluded.session_id')
        .whereRef('overrides.person_id', '=', 'excluded.person_id'),
    )
    .returning('override_id')
    .executeTakeFirst()
  return taken ? null : 'foreign'
}

const ownSession = (
  tx: Unit['tx'],
  row: { readonly session_id: string; readonly person_id: string },
  workstationId: string,
) =>
  tx
    .selectFrom('sessions')
    .select('session_id')
    .where('session_id', '=', row.session_id)
    .where('person_id', '=', row.person_id)
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
