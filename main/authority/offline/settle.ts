import type { OfflineSessionTable } from '../../store/schema/offline.ts'
import { isDisabled, personOf } from '../identities/people.ts'
import { type EndReason, endReasonSchema, sessionIdSchema } from '../protocol/index.ts'
import { handOver } from '../roaming/hand-over.ts'
import { makeRoom, type Place } from '../roaming/make-room.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import { openSessionOf, sessionHere } from '../sessions/session-rows.ts'
import { inactiveAt, isLive, limitOf, type SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

type Staged = Readonly<OfflineSessionTable>
type SettleServices = Services & { readonly endSession: EndSession }

/** What became of a session that was begun or changed offline. */
export interface Settled {
  readonly sessionId: ReturnType<typeof sessionIdSchema.parse>
  readonly outcome: 'adopted' | 'ended'
  readonly reason: EndReason | null
}

type Verdict =
  | { readonly outcome: 'adopted' }
  | { readonly outcome: 'ended'; readonly reason: EndReason; readonly conflict: string | null }

/**
 * Decides about one session of a journal that is complete. What can be gone on with is; where anything
 * speaks against it, it ends: the person verifies once more, and nobody is in two places.
 */
export async function settleSession(
  services: SettleServices,
  work: Unit,
  staged: Staged,
  place: Place,
  journalFault: string | null,
): Promise<Settled> {
  const sessionId = sessionIdSchema.parse(staged.session_id)
  const reasonOf = (text: string | null) => endReasonSchema.catch('offline-conflict').parse(text)
  if (staged.outcome !== null)
    return {
      sessionId,
      outcome: staged.outcome,
      reason: staged.outcome === 'ended' ? reasonOf(staged.reason) : null,
    }

  const row = await sessionHere(work.tx, { sessionId, workstationId: place.id })
  const verdict = await judge(services, work, { staged, row, place, journalFault })
  if (verdict.outcome === 'adopted') await adopt(services, work, { staged, row, place })
  else await end(services, work, { staged, row, place, verdict })
  const reason = verdict.outcome === 'ended' ? verdict.reason : null
  await work.tx
    .updateTable('offline_sessions')
    .set({ outcome: verdict.outcome, reason })
    .where('session_id', '=', staged.session_id)
    .where('journal_id', '=', staged.journal_id)
    .execute()
  return { sessionId, outcome: verdict.outcome, reason }
}

interface Case {
  readonly staged: Staged
  readonly row: SessionRow
  readonly place: Place
}

async function judge(
  { policy }: SettleServices,
  { tx, now }: Unit,
  { staged, row, place, journalFault }: Case & { readonly journalFault: string | null },
): Promise<Verdict> {
  const over = (reason: EndReason): Verdict => ({ outcome: 'ended', reason, conflict: null })
  const conflict = (why: string): Verdict => ({
    outcome: 'ended',
    reason: 'offline-conflict',
    conflict: why,
  })
  if (staged.ended_reason !== null)
    return over(endReasonSchema.catch('offline-conflict').parse(staged.ended_reason))
  const begun = staged.begun === 1
  // It was live here, and meanwhile moved, ran out or was ended: that holds.
  if (!begun && row.ended_at !== null)
    return over(endReasonSchema.catch('revoked').parse(row.end_reason))
  if (journalFault !== null) return conflict(`journal-${journalFault}`)
  if (staged.doubt !== null) return conflict(staged.doubt)
  if (begun && staged.proven_at === null) return conflict('not-proven')

  const vouched = row.kind === 'fallback' ? row.witness_id : null
  for (const personId of [row.person_id, ...(vouched === null ? [] : [vouched])])
    if (isDisabled(await personOf(tx, personId))) return conflict('person-disabled')
  const bundle = await tx
    .selectFrom('offline_bundles')
    .select(['expires_at'])
    .where('bundle_id', '=', staged.bundle_id)
    .executeTakeFirst()
  const provenAt = staged.proven_at
  if (provenAt !== null && row.kind === 'standard' && (!bundle || provenAt >= bundle.expires_at))
    return conflict('bundle-expired')
  if (staged.proven_passkey_id !== null) {
    const passkey = await tx
      .selectFrom('passkeys')
      .select('revoked_at')
      .where('passkey_id', '=', staged.proven_passkey_id)
      .executeTakeFirst()
    if (!passkey || passkey.revoked_at !== null) return conflict('passkey-revoked')
  }

  if (!isLive({ ...row, ended_at: null }, policy, now)) return over(limitOf(row, policy))
  if (!begun) return { outcome: 'adopted' }
  const open = await openSessionOf(tx, row.person_id)
  const isElsewhere = open !== null && open.workstation_id !== place.id && isLive(open, policy, now)
  // Whoever proved to be elsewhere later than here is not here any more.
  if (isElsewhere && open.verified_at >= (provenAt ?? 0)) return conflict('elsewhere')
  return { outcome: 'adopted' }
}

async function adopt(
  services: SettleServices,
  work: Unit,
  { staged, row, place }: Case,
): Promise<void> {
  const { tx } = work
  const { kind } = row
  const amr = kind === 'fallback' ? null : await amrOf(tx, staged.proven_passkey_id)
  const proven: Partial<SessionRow> =
    amr === null || staged.proven_at === null
      ? {}
      : { aal: 2, amr: JSON.stringify(amr), verified_at: staged.proven_at }
  if (staged.begun === 0) {
    if (Object.keys(proven).length > 0)
      await tx
        .updateTable('sessions')
        .set(proven)
        .where('session_id', '=', row.session_id)
        .execute()
    work.due(inactiveAt(row, services.policy))
    return
  }
  const departure = await makeRoom(services, work, { personId: row.person_id, place, kind })
  const session: SessionRow = { ...row, ...proven, ended_at: null, end_reason: null }
  await tx
    .updateTable('sessions')
    .set({ ...proven, ended_at: null, end_reason: null })
    .where('session_id', '=', row.session_id)
    .execute()
  if (departure) {
    const left = { ...departure, inherits: false }
    await handOver(services, work, left, session, kind === 'fallback' ? 'witness' : 'passkey')
  }
  work.due(inactiveAt(session, services.policy))
}

async function end(
  services: SettleServices,
  work: Unit,
  {
    staged,
    row,
    place,
    verdict,
  }: Case & { readonly verdict: Extract<Verdict, { outcome: 'ended' }> },
): Promise<void> {
  const { tx, now } = work
  if (staged.begun === 1) {
    // Never live here: there is nothing to destroy, and what it opened is closed.
    await tx
      .updateTable('sessions')
      .set({
        end_reason: verdict.reason,
        ended_at: staged.ended_reason === null ? now : row.ended_at,
      })
      .where('session_id', '=', row.session_id)
      .execute()
    for (const table of ['overrides', 'review_cases'] as const)
      await tx
        .updateTable(table)
        .set({ ended_at: now })
        .where('session_id', '=', row.session_id)
        .where('ended_at', 'is', null)
        .execute()
  } else if (row.ended_at === null) await services.endSession(work, row, verdict.reason)
  if (verdict.conflict === null) return
  await services.record(tx, 'offline.conflict', {
    outcome: 4,
    session: row,
    workstation: place.id,
    detail: { cause: verdict.conflict, journal: staged.journal_id, begun: staged.begun === 1 },
  })
}

async function amrOf(tx: Unit['tx'], passkeyId: string | null): Promise<string[] | null> {
  if (passkeyId === null) return null
  const passkey = await tx
    .selectFrom('passkeys')
    .select('backup_eligible')
    .where('passkey_id', '=', passkeyId)
    .executeTakeFirst()
  return passkey ? [passkey.backup_eligible === 1 ? 'swk' : 'hwk', 'user', 'mfa'] : null
}
