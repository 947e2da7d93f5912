import { CallFailure, type Handlers } from '../context.ts'
import type { WriteOptions } from '../../store/port.ts'
import { firstHash, type JournalFault } from '../protocol/index.ts'
import { lockOf } from '../locks.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { Unit } from '../unit-of-work.ts'
import { checkProofs } from './proofs.ts'
import { placeOf, type ReadEntry, readEntry } from './read-entry.ts'
import { settleSession, type Settled } from './settle.ts'
import { takeEntry } from './take-entry.ts'

type Reconcile = Pick<Handlers, 'offline.reconcile'>

/**
 * Takes over a workstation's journal: entry after entry, each once, however often it is sent, and
 * none behind a place where the chain does not hold. What it says of people counts as far as the
 * authority can verify it itself.
 */
export function createReconcile(
  services: Services & { readonly endSession: EndSession },
): Reconcile {
  const { unit, record } = services

  return {
    async 'offline.reconcile'({ journalId, entries, last, damage }, { workstation }) {
      const read = entries.map(readEntry)
      const checked = await Promise.all(
        read.map(async (one) => (one ? checkProofs(services, one.entry) : [])),
      )
      return unit(
        async (work) => {
          const { tx, now } = work
          const journal = await openJournal(tx, { journalId, workstationId: workstation.id, now })
          if (journal.workstation_id !== workstation.id)
            throw new CallFailure('conflict', 'This journal is of another workstation.')
          let { entries: count, head } = journal
          let fault = journal.fault as JournalFault | null
          const refuse = async (why: JournalFault, index: number) => {
            fault = why
            await record(tx, 'offline.refused', {
              outcome: 12,
              workstation: workstation.id,
              detail: { journal: journalId, fault: why, index },
            })
          }

          for (const [at, one] of read.entries()) {
            if (fault !== null) break
            const known = one ? await knownHash(tx, journalId, one.entry.index) : undefined
            const place = placeOf(one, { journalId, entries: count, head }, known)
            if (place === 'skip') continue
            if (place !== 'apply' || one === null) {
              await refuse(place === 'apply' ? 'malformed' : place, one?.entry.index ?? count)
              break
            }
            const trouble = await takeEntry(services, work, {
              entry: one.entry,
              checked: checked[at] ?? [],
              journalId,
              workstation,
            })
            if (trouble !== null) {
              await refuse(trouble, one.entry.index)
              break
            }
            await tx
              .insertInto('offline_entries')
              .values({ journal_id: journalId, idx: count, hash: one.hash })
              .execute()
            count += 1
            head = one.hash
          }
          if (damage !== null && fault === null) await refuse(damage.fault, damage.index)

          const sessions = last ? await settle(work, journalId, workstation, fault) : []
          await tx
            .updateTable('offline_journals')
            .set({ entries: count, head, fault, ...(last ? { settled_at: now } : {}) })
            .where('journal_id', '=', journalId)
            .execute()
          if (last && (journal.settled_at === null || count > journal.entries))
            await record(tx, 'offline.reconciled', {
              outcome: fault === null ? 0 : 8,
              workstation: workstation.id,
              detail: {
                journal: journalId,
                entries: count,
                adopted: sessions.filter(({ outcome }) => outcome === 'adopted').length,
                ended: sessions.filter(({ outcome }) => outcome === 'ended').length,
                conflicts: sessions.filter(({ reason }) => reason === 'offline-conflict').length,
              },
            })
          return { accepted: count, refused: fault, sessions }
        },
        { ...takeReserve, ...locks(read, last, workstation.id) },
      )
    },
  }

  async function settle(
    work: Unit,
    journalId: string,
    place: { readonly id: string; readonly name: string },
    fault: JournalFault | null,
  ): Promise<Settled[]> {
    const staged = await work.tx
      .selectFrom('offline_sessions')
      .selectAll()
      .where('journal_id', '=', journalId)
      .orderBy('session_id')
      .execute()
    const settled: Settled[] = []
    for (const one of staged) settled.push(await settleSession(services, work, one, place, fault))
    return settled
  }
}

/**
 * What the entries are about. What is settled at the end may be about anybody, and their sessions at
 * any workstation, so that one runs alone: it is one call after a time without the authority.
 */
function locks(
  read: readonly (ReadEntry | null)[],
  last: boolean,
  workstationId: string,
): Pick<WriteOptions, 'lock'> {
  if (last) return {}
  const people = read.flatMap((one) => {
    if (one === null) return []
    const { sessions, proofs, overrides, review_cases: cases } = one.entry
    // Whose passkey it is, is not known here.
    if (proofs.length > 0) return [null]
    const vouched = [...sessions, ...cases].flatMap(({ witness_id }) => witness_id ?? [])
    return [...[...sessions, ...cases, ...overrides].map(({ person_id }) => person_id), ...vouched]
  })
  if (people.includes(null)) return {}
  return {
    lock: [
      ...new Set(
        [null, ...people].flatMap((personId) => lockOf({ personId, workstationId }).lock ?? []),
      ),
    ],
  }
}

async function openJournal(
  tx: Unit['tx'],
  {
    journalId,
    workstationId,
    now,
  }: { readonly journalId: string; readonly workstationId: string; readonly now: number },
) {
  await tx
    .insertInto('offline_journals')
    .values({
      journal_id: journalId,
      workstation_id: workstationId,
      begun_at: now,
      entries: 0,
      head: firstHash(journalId),
      fault: null,
      settled_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return tx
    .selectFrom('offline_journals')
    .selectAll()
    .where('journal_id', '=', journalId)
    .executeTakeFirstOrThrow()
}

async function knownHash(
  tx: Unit['tx'],
  journalId: string,
  index: number,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('offline_entries')
    .select('hash')
    .where('journal_id', '=', journalId)
    .where('idx', '=', index)
    .executeTakeFirst()
  return row?.hash
}
