import {
  type AuthorityClient,
  AuthorityError,
  type JournalFault,
  maxBatchBytes,
  maxBatchEntries,
  type Request,
  type Response,
} from '../authority/protocol/index.ts'

type Settled = Response<'offline.reconcile'>['sessions'][number]

export interface SentJournal {
  /** Why the authority takes no more of it, for good. */
  readonly refused: JournalFault | null
  readonly sessions: readonly Settled[]
}

/** As many entries from `from` on as one request takes; at least one. */
export function nextBatch(entries: readonly string[], from: number): readonly string[] {
  const batch: string[] = []
  let bytes = 0
  for (const text of entries.slice(from, from + maxBatchEntries)) {
    bytes += Buffer.byteLength(JSON.stringify(text)) + 1
    if (batch.length > 0 && bytes > maxBatchBytes) break
    batch.push(text)
  }
  return batch
}

/**
 * Sends what the authority does not have yet. It says itself how much that is, so whatever was lost on
 * the way, and whoever was killed in the middle, nothing comes twice.
 */
export async function sendEntries(
  call: AuthorityClient['call'],
  { id, entries }: { readonly id: string; readonly entries: readonly string[] },
): Promise<JournalFault | null> {
  const send = (batch: readonly string[]) =>
    call('offline.reconcile', { journalId: id, entries: [...batch], last: false })
  let { accepted, refused } = await send([])
  while (refused === null && accepted < entries.length) {
    const before = accepted
    ;({ accepted, refused } = await send(nextBatch(entries, before)))
    if (refused === null && accepted <= before)
      throw new AuthorityError('internal', `The authority stays at entry ${accepted} of a journal.`)
  }
  return refused
}

/** Says that nothing more comes; the answer is what became of the sessions. */
export async function finishJournal(
  call: AuthorityClient['call'],
  journal: { readonly id: string; readonly entries: readonly string[] },
  damage: Request<'offline.reconcile'>['damage'] = null,
): Promise<SentJournal> {
  await sendEntries(call, journal)
  const { refused, sessions } = await call('offline.reconcile', {
    journalId: journal.id,
    entries: [],
    last: true,
    damage,
  })
  return { refused, sessions }
}
