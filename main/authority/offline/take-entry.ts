import { LogFailure } from '../record.ts'
import type { JournalEntry, JournalFault } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import { StoreError } from '../../store/port.ts'
import type { Unit } from '../unit-of-work.ts'
import { takeAttempts } from './attempts.ts'
import { type Source, takeCase, takeOverride, takeSession } from './journal-rows.ts'
import { type CheckedProof, type OfflineProof, settleProof } from './proofs.ts'

export interface TakenEntry {
  readonly entry: JournalEntry
  readonly checked: readonly CheckedProof[]
  readonly journalId: string
  readonly workstation: Source['workstation']
}

/** Writes what one entry tells: its records first, marked as offline, then what follows from them. */
export async function takeEntry(
  services: Services & { readonly endSession: EndSession },
  work: Unit,
  { entry, checked, journalId, workstation }: TakenEntry,
): Promise<JournalFault | null> {
  const { tx, now } = work
  const bundle = await tx
    .selectFrom('offline_bundles')
    .select(['bundle_id', 'issued_at', 'expires_at'])
    .where('bundle_id', '=', entry.bundle)
    .where('workstation_id', '=', workstation.id)
    .executeTakeFirst()
  if (!bundle) return 'foreign'
  // A workstation's clock may be wrong; it is never before its bundle, and nothing was in the future.
  const at = Math.min(Math.max(entry.at, bundle.issued_at), now)
  for (const record of entry.records)
    if (record.workstation !== null && record.workstation !== workstation.id) return 'foreign'

  try {
    for (const record of entry.records)
      await services.audit.append(tx, {
        ...record,
        workstation: workstation.id,
        detail: { ...record.detail, offline: true, at: entry.at },
      })
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new LogFailure({ cause: error })
  }

  const source: Source = { journalId, bundleId: bundle.bundle_id, workstation, at }
  const proofs: OfflineProof[] = []
  for (const one of checked)
    proofs.push(
      await settleProof(
        services,
        work,
        one,
        { bundleId: bundle.bundle_id, expiresAt: bundle.expires_at },
        source,
      ),
    )
  for (const row of entry.passkeys) await takeAttempts(services, work, row, source)
  for (const row of entry.sessions) {
    const fault = await takeSession(services, work, row, source, proofs)
    if (fault) return fault
  }
  for (const row of entry.review_cases) {
    const fault = await takeCase(services, work, row, source)
    if (fault) return fault
  }
  // One of a session is in force at a time: what ended makes room first.
  const overrides = entry.overrides.toSorted(
    (one, other) => Number(one.ended_at === null) - Number(other.ended_at === null),
  )
  for (const row of overrides) {
    const fault = await takeOverride(services, work, row, source, proofs)
    if (fault) return fault
  }
  return null
}
